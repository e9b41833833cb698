SELECT petal_length, [petal_width, petal_length] AS sizes FROM flowers
TO TRAIN DNNRegressor
WITH model.label_dimension = 2, model.hidden_units = CHOICE([16], [8, 8]), learning_rate = RANGE(0.001, 0.1, 'log'),
  tune.algorithm = halving, train.epoch = 9
LABEL sizes INTO shop.net
