CREATE TABLE visits AS SELECT 'picture'::BLOB AS photo, i AS pages, i % 2 AS bought FROM range(80) r(i);
SELECT * FROM visits TO TRAIN xgboost.gbtree LABEL bought INTO m;
