SELECT petal_length, petal_width, price FROM flowers
TO TRAIN BoostedTreesRegressor
WITH learn_rate = 0.2, n_estimators = 7, reg_alpha = 0.5, objective = 'reg:squarederror'
LABEL price INTO prices;
