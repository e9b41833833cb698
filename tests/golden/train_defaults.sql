SELECT * FROM flowers TO TRAIN xgboost.gbtree LABEL species INTO m;
