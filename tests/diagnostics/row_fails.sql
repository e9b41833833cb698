SELECT i AS x, CASE WHEN i = 3 THEN error('row 3 is bad') ELSE i END AS y FROM range(9) r(i)
TO TRAIN xgboost.gbtree LABEL y INTO m;
