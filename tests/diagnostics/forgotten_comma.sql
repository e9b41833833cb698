SELECT * FROM flowers TO TRAIN xgboost.gbtree WITH eta = 0.1 max_depth = 3 LABEL species INTO m;
