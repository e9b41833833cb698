SELECT petal_length, petal_width, species FROM flowers
TO TRAIN xgboost.gbtree
WITH eta = RANGE(0.01, 0.3, 'log'), max_depth = CHOICE(2, 4, 6), lambda = HPARAM_CANDIDATES([0, 1.5]), num_round = 20,
  tune.trials = 7, tune.objective = merror, tune.time_limit = '10m', split.eval = 0.3
LABEL species INTO shop.tuned
