SELECT petal_length, color, species FROM flowers WHERE id < 40
TO TRAIN xgboost.gbtree
WITH validation.select = 'SELECT * FROM flowers WHERE id >= 40'
LABEL species INTO m;
