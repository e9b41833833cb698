-- Clauses come in any order behind the estimator; WITH, COLUMN, LABEL and USING are optional.
-- expect: train
SELECT * FROM iris TO TRAIN xgboost.gbtree WITH num_round = 5 LABEL class INTO m1;
-- expect: train
SELECT * FROM iris TO TRAIN xgboost.gbtree INTO m1 LABEL class WITH num_round = 5;
-- expect: train
SELECT * FROM iris TO TRAIN KMeans INTO clusters;
-- The estimator may be quoted, as images are.
-- expect: train
SELECT * FROM iris TO TRAIN 'xgboost.gbtree' INTO m1;
-- COLUMN may be repeated, each with its target; FOR names it.
-- expect: train
SELECT * FROM t TO TRAIN DNNLinearCombinedClassifier
WITH linear_feature_columns.l2 = 1e-3
COLUMN a, b FOR linear_feature_columns
COLUMN c FOR dnn_feature_columns
LABEL y INTO wide_and_deep;
-- USING continues from a model, of which a version may be named.
-- expect: train
SELECT * FROM t TO TRAIN xgboost.gbtree LABEL y USING shop.m@3 INTO shop.m;
-- TARGET is another word for LABEL.
-- expect: train
SELECT * FROM t TO TRAIN xgboost.gbtree TARGET y INTO m;
-- A label may be quoted, in either style.
-- expect: train, train, train
SELECT * FROM t TO TRAIN e LABEL 'my class' INTO m;
SELECT * FROM t TO TRAIN e LABEL "my class" INTO m;
SELECT * FROM t TO TRAIN e LABEL `my class` INTO m;

-- GROUP and BY are words of TO MAXIMIZE only.
-- expect: train
SELECT * FROM t TO TRAIN xgboost.XGBRanker WITH group = query COLUMN by LABEL grade INTO m;
