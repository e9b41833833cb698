SELECT * FROM flowers TO TRAIN LABEL species INTO m;
