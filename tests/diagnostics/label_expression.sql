CREATE TABLE t AS SELECT i AS x, i % 2 AS y FROM range(40) r(i);
SELECT * FROM t TO TRAIN xgboost.gbtree LABEL y + 1 INTO m;
