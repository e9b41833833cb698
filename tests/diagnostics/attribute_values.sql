SELECT * FROM flowers
TO TRAIN xgboost.gbtree
WITH eta = 3, max_depth = 'deep', num_round = 2.5, subsample = 0, tree_method = histt, eval_metric = accuracy
LABEL species INTO m;
