CREATE TABLE flowers AS SELECT i AS size, ['a', 'b', 'c'][i % 3 + 1] AS kind FROM range(30) r(i);
SELECT * FROM flowers TO TRAIN xgboost.gbtree WITH num_round = 2 LABEL kind INTO m;
SELECT size, CASE WHEN size < 3 THEN 'd' WHEN size < 10 THEN kind END AS kind FROM flowers TO EVALUATE m;
