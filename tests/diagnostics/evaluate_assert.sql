CREATE TABLE flowers AS SELECT i AS size, ['a', 'b', 'c'][i % 3 + 1] AS kind FROM range(30) r(i);
SELECT * FROM flowers TO TRAIN xgboost.gbtree WITH num_round = 2 LABEL kind INTO m;
SELECT * FROM flowers TO EVALUATE m
WITH evaluate.metrics = accuracy,
  assert = 'rows > 40 and rows = 30, rows < 20';
