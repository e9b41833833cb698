3SELECT * FROM iris TO TRAIN xgboost.gbtree WITH num_round = 5 LABEL class INTO m1;
SELECT * FROM iris TO TRAIN xgboost.gbtree INTO m1 LABEL class WITH num_round = 5;
SELECT * FROM iris TO TRAIN KMeans INTO clusters;
SELECT * FROM iris TO TRAIN 'xgboost.gbtree' INTO m1;
SELECT * FROM t TO TRAIN DNNLinearCombinedClassifier
WITH linear_feature_columns.l2 = 1e-3
COLUMN a, b FOR linear_feature_columns
COLUMN c FOR dnn_feature_columns
LABEL y INTO wide_and_deep;
SELECT * FROM t TO TRAIN xgboost.gbtree LABEL y USING shop.m@3 INTO shop.m;
SELECT * FROM t TO TRAIN xgboost.gbtree TARGET y INTO m;
SELECT * FROM t TO TRAIN e LABEL 'my class' INTO m;
SELECT * FROM t TO TRAIN e LABEL "my class" INTO m;
SELECT * FROM t TO TRAIN e LABEL `my class` INTO m;

SELECT * FROM t TO TRAIN xgboost.XGBRanker WITH group = query COLUMN by LABEL grade INTO m;
