-- A typo is caught before a row is read.
SELECT * FROM 'iris.csv'
TO TRAIN xgboost.gbtree
WITH num_round = 20
LABEL specis
INTO iris_model;
