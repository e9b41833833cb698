CREATE TABLE t AS SELECT i AS x, i % 2 AS y FROM range(40) r(i);
SELECT x, y, CASE WHEN x < 3 THEN 'nan'::DOUBLE WHEN x > 37 THEN '-inf'::DOUBLE ELSE x END AS z
FROM t TO TRAIN xgboost.gbtree LABEL y INTO m;
