SELECT * FROM flowers TO TRAIN xgboost.gbtree WITH objective = 'binary:logit' LABEL species INTO m;
