SELECT * FROM flowers TO EXPLAIN kinds;
