SELECT * FROM flowers TO TRAIN xgboost.gbtre LABEL species INTO m;
