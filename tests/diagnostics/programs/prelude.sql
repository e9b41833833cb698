-- What the programs of this folder find in their database.
CREATE TABLE t AS SELECT i AS a, i % 7 + 0.5 AS b, ['red', 'green', 'blue'][1 + i % 3] AS c, DATE '2024-01-01' + i::INTEGER AS d,
  (i % 5) || ',' || (i % 3) AS v, (i % 5) || ':1 7:2' AS kv, [i % 3, i % 5] AS l, i % 2 = 0 AS flag, i % 3 AS class, i * 7 % 11 AS y, i // 10 AS g
FROM range(60) r(i);
CREATE TABLE odd AS SELECT i AS a, CASE WHEN i > 0 THEN i END AS missing, i - 5 AS below, 'x' AS same, {'k': i} AS pair, 'blob'::BLOB AS bytes,
  CASE i WHEN 3 THEN 'inf'::DOUBLE ELSE i END AS endless, i % 2 AS y, TIME '10:00:00' AS hour, INTERVAL 1 DAY AS span FROM range(20) r(i);
CREATE TABLE theirs AS SELECT 1 AS x;
CREATE VIEW seen AS SELECT * FROM t;
CREATE SCHEMA shelf;
SELECT a, b, y FROM t TO TRAIN xgboost.gbtree LABEL y INTO number;
SELECT a, c, class FROM t TO TRAIN xgboost.XGBClassifier LABEL class INTO three;
SELECT a, b, flag FROM t TO TRAIN xgboost.gbtree LABEL flag INTO two;
SELECT a, b, flag FROM t TO TRAIN xgboost.gbtree WITH objective = 'binary:hinge' LABEL flag INTO hinge;
SELECT a, b, y FROM t TO TRAIN xgboost.gblinear LABEL y INTO linear;
SELECT a, v, l, y FROM t TO TRAIN xgboost.gbtree COLUMN a, DENSE(v, 2), l LABEL y INTO vectors;
SELECT a, b, y FROM t TO TRAIN xgboost.gbtree WITH base_margin = b LABEL y INTO margins;
SELECT a, b FROM t TO PREDICT mine.y USING number;
