CREATE TABLE t AS SELECT i AS x, i % 2 AS y FROM range(40) r(i);
/* ünïcode before */ SELECT x,
    sqroot(x) AS r, y FROM t
TO TRAIN xgboost.gbtree LABEL y INTO m;
