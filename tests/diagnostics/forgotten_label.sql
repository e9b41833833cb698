SELECT * FROM flowers TO TRAIN xgboost.gbtree INTO m;
