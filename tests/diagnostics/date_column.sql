CREATE TABLE visits AS SELECT DATE '2024-01-01' + i::INTEGER AS day, i AS pages, i % 2 AS bought FROM range(80) r(i);
SELECT * FROM visits TO TRAIN xgboost.gbtree LABEL bought INTO m;
