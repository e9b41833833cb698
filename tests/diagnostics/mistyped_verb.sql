SELECT * FROM flowers TO TRIAN xgboost.gbtree LABEL species INTO m;
