SELECT * FROM flowers TO TRAIN xgboost.gbtree WITH a1=1, a2=1, a3=1, a4=1, a5=1, a6=1 LABEL species INTO m;
SELECT * FROM flowers TO TRAIN xgboost.gbtree WITH b1=1, b2=1, b3=1, b4=1, b5=1, b6=1 LABEL species INTO m;
