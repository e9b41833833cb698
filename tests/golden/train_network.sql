SELECT petal_length, petal_width, species FROM flowers
TO TRAIN DNNClassifier
WITH model.hidden_units = [16, 8], model.dropout = 0.1, train.epoch = 5, train.early_stopping = 2, split.eval = 0.3
LABEL species INTO shop.net
