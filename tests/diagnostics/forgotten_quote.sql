SELECT * FROM 'flowers.csv
TO TRAIN xgboost.gbtree LABEL species INTO m;
