SELECT [i, 2] AS clicks, i % 2 AS bought FROM range(80) r(i) TO TRAIN xgboost.gbtree LABEL bought INTO m;
SELECT [1, 2, 3] AS clicks TO PREDICT USING m;
