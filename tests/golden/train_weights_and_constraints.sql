SELECT petal_length, petal_width, price, id, wild FROM flowers
TO TRAIN xgboost.gbtree
WITH weight = id, class_weight = {true: 2, false: 0.5}, split.method = none,
     monotone_constraints = {petal_length: 1}, interaction_constraints = [[petal_length, price], [petal_width]]
LABEL wild INTO m;
