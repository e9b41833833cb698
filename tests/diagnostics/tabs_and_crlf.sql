SELECT 1 AS x,	2 AS y
TO TRAIN xgboost.gbtree	LABEL z
INTO m;
