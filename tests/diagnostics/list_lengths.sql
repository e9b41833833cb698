CREATE TABLE visits AS SELECT CASE WHEN i % 20 = 0 THEN [1] ELSE [i, 2] END AS clicks, i % 2 AS bought FROM range(80) r(i);
SELECT * FROM visits TO TRAIN xgboost.gbtree LABEL bought INTO m;
