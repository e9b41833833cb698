CREATE TABLE t AS SELECT i AS x, i % 3 AS y, 'c' || i % 3 AS kind FROM range(60) r(i);
SELECT x, y FROM t WHERE y < 2
TO TRAIN xgboost.XGBClassifier WITH validation.select = 'SELECT * FROM t' LABEL y INTO m;
