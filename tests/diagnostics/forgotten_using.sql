SELECT * FROM flowers TO PREDICT result;
