SELECT id, petal_length, color, species FROM flowers -- the id is no feature
TO TRAIN xgboost.XGBClassifier
WITH num_round = 20, eta = 1 / 4, max_depth = 3, eval_metric = ['mlogloss', 'merror']
COLUMN petal_length, color
LABEL species
INTO shop.kinds;
