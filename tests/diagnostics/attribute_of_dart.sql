SELECT * FROM flowers TO TRAIN xgboost.gbtree WITH rate_drop = 0.1 LABEL species INTO m;
