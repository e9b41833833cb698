CREATE TABLE flowers AS SELECT i AS size, ['a', 'b', 'c'][i % 3 + 1] AS kind FROM range(30) r(i);
SELECT * FROM flowers TO TRAIN xgboost.gbtree WITH num_round = 2 LABEL kind INTO m;
SELECT * FROM flowers
TO PREDICT WITH predict.threshold = 0.3, predict.top_k = 5, predict.columns = [size, knd] USING m;
