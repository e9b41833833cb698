SELECT petal_length, petal_width, color, species FROM flowers
TO TRAIN xgboost.gbtree WITH num_round = 2 LABEL species USING kinds@1 INTO kinds;
