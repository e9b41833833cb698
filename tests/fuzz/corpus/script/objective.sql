3SELECT 1 TO TRAIN xgboost.gbtree WITH objective = reg:squarederror, a = :c LABEL y INTO m;
