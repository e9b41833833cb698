CREATE TABLE t AS SELECT i AS x, 'c' || i % 3 AS kind FROM range(60) r(i);
SELECT x, kind FROM t WHERE kind < 'c2'
TO TRAIN xgboost.XGBClassifier WITH validation.select = 'SELECT * FROM t' LABEL kind INTO m;
