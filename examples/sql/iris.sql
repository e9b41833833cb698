-- Learn what tells three species of iris apart, then let the model name the species of every flower.
SELECT * FROM 'iris.csv'
TO TRAIN xgboost.gbtree
WITH num_round = 20, max_depth = 3, seed = 7
LABEL species
INTO iris_model;

SHOW MODELS;

-- How good it is on the rows it was taught with; on rows of its own it would be lower.
SELECT * FROM 'iris.csv'
TO EVALUATE iris_model WITH evaluate.metrics = [accuracy, f1_macro, log_loss, roc_auc_ovr];

-- What it looks at.
SELECT * FROM 'iris.csv' TO EXPLAIN iris_model USING gain;

-- Into a table: the selected columns and predicted_species.
SELECT * FROM 'iris.csv' TO PREDICT iris_named USING iris_model;

SELECT species, predicted_species, count(*) AS flowers
FROM iris_named GROUP BY ALL ORDER BY ALL;

-- As rows: the flowers between two species.
SELECT * FROM 'iris.csv' WHERE petal_length BETWEEN 4.9 AND 5.0 TO PREDICT USING iris_model;
