SELECT petal_length, wild, price, id FROM flowers
TO TRAIN xgboost.dart
WITH num_round = 50, train.early_stopping = 5, split.eval = 0.25, split.column = id, split.seed = 9, rate_drop = 0.1
LABEL price INTO m;
