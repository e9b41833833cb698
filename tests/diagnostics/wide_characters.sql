SELECT 1 AS 数据, 2 AS 标签 TO TRAIN xgboost.gbtree COLUMN 数据, 日期 LABEL 标签 INTO m;
