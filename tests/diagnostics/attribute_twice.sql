SELECT * FROM flowers
TO TRAIN xgboost.gbtree
WITH eta = 0.1,
     learning_rate = 0.2
LABEL species INTO m;
