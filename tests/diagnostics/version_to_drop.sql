SELECT i AS x, i AS y FROM range(9) r(i) TO TRAIN xgboost.gbtree WITH num_round = 1 LABEL y INTO m;
DROP MODEL m@9;
