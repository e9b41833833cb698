SELECT * FROM flowers
TO TRAIN xgboost.gbtree
WITH max_dept = 3, learning_rat = 0.1
LABEL species
INTO m;
