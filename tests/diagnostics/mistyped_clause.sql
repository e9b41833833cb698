SELECT * FROM flowers
TO TRAIN xgboost.gbtree
LABLE species
INTO m;
