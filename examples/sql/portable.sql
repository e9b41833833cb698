-- Runs unchanged on DuckDB, SQLite, PostgreSQL, MySQL and MariaDB: quern --db URI -f portable.sql
-- The table is half of the 150 flowers of iris.csv; a second run makes it anew.
CREATE TABLE IF NOT EXISTS iris_sample (sepal_length DOUBLE PRECISION, sepal_width DOUBLE PRECISION,
  petal_length DOUBLE PRECISION, petal_width DOUBLE PRECISION, species VARCHAR(20));
DELETE FROM iris_sample;
INSERT INTO iris_sample VALUES
  (5.1, 3.5, 1.4, 0.2, 'setosa'), (4.7, 3.2, 1.3, 0.2, 'setosa'), (5.0, 3.6, 1.4, 0.2, 'setosa'),
  (4.6, 3.4, 1.4, 0.3, 'setosa'), (4.4, 2.9, 1.4, 0.2, 'setosa'), (5.4, 3.7, 1.5, 0.2, 'setosa'),
  (4.8, 3.0, 1.4, 0.1, 'setosa'), (5.8, 4.0, 1.2, 0.2, 'setosa'), (5.4, 3.9, 1.3, 0.4, 'setosa'),
  (5.7, 3.8, 1.7, 0.3, 'setosa'), (5.4, 3.4, 1.7, 0.2, 'setosa'), (4.6, 3.6, 1.0, 0.2, 'setosa'),
  (4.8, 3.4, 1.9, 0.2, 'setosa'), (5.0, 3.4, 1.6, 0.4, 'setosa'), (5.2, 3.4, 1.4, 0.2, 'setosa'),
  (4.8, 3.1, 1.6, 0.2, 'setosa'), (5.2, 4.1, 1.5, 0.1, 'setosa'), (4.9, 3.1, 1.5, 0.2, 'setosa'),
  (5.5, 3.5, 1.3, 0.2, 'setosa'), (4.4, 3.0, 1.3, 0.2, 'setosa'), (5.0, 3.5, 1.3, 0.3, 'setosa'),
  (4.4, 3.2, 1.3, 0.2, 'setosa'), (5.1, 3.8, 1.9, 0.4, 'setosa'), (5.1, 3.8, 1.6, 0.2, 'setosa'),
  (5.3, 3.7, 1.5, 0.2, 'setosa'), (7.0, 3.2, 4.7, 1.4, 'versicolor'), (6.9, 3.1, 4.9, 1.5, 'versicolor'),
  (6.5, 2.8, 4.6, 1.5, 'versicolor'), (6.3, 3.3, 4.7, 1.6, 'versicolor'), (6.6, 2.9, 4.6, 1.3, 'versicolor'),
  (5.0, 2.0, 3.5, 1.0, 'versicolor'), (6.0, 2.2, 4.0, 1.0, 'versicolor'), (5.6, 2.9, 3.6, 1.3, 'versicolor'),
  (5.6, 3.0, 4.5, 1.5, 'versicolor'), (6.2, 2.2, 4.5, 1.5, 'versicolor'), (5.9, 3.2, 4.8, 1.8, 'versicolor'),
  (6.3, 2.5, 4.9, 1.5, 'versicolor'), (6.4, 2.9, 4.3, 1.3, 'versicolor'), (6.8, 2.8, 4.8, 1.4, 'versicolor'),
  (6.0, 2.9, 4.5, 1.5, 'versicolor'), (5.5, 2.4, 3.8, 1.1, 'versicolor'), (5.8, 2.7, 3.9, 1.2, 'versicolor'),
  (5.4, 3.0, 4.5, 1.5, 'versicolor'), (6.7, 3.1, 4.7, 1.5, 'versicolor'), (5.6, 3.0, 4.1, 1.3, 'versicolor'),
  (5.5, 2.6, 4.4, 1.2, 'versicolor'), (5.8, 2.6, 4.0, 1.2, 'versicolor'), (5.6, 2.7, 4.2, 1.3, 'versicolor'),
  (5.7, 2.9, 4.2, 1.3, 'versicolor'), (5.1, 2.5, 3.0, 1.1, 'versicolor'), (6.3, 3.3, 6.0, 2.5, 'virginica'),
  (7.1, 3.0, 5.9, 2.1, 'virginica'), (6.5, 3.0, 5.8, 2.2, 'virginica'), (4.9, 2.5, 4.5, 1.7, 'virginica'),
  (6.7, 2.5, 5.8, 1.8, 'virginica'), (6.5, 3.2, 5.1, 2.0, 'virginica'), (6.8, 3.0, 5.5, 2.1, 'virginica'),
  (5.8, 2.8, 5.1, 2.4, 'virginica'), (6.5, 3.0, 5.5, 1.8, 'virginica'), (7.7, 2.6, 6.9, 2.3, 'virginica'),
  (6.9, 3.2, 5.7, 2.3, 'virginica'), (7.7, 2.8, 6.7, 2.0, 'virginica'), (6.7, 3.3, 5.7, 2.1, 'virginica'),
  (6.2, 2.8, 4.8, 1.8, 'virginica'), (6.4, 2.8, 5.6, 2.1, 'virginica'), (7.4, 2.8, 6.1, 1.9, 'virginica'),
  (6.4, 2.8, 5.6, 2.2, 'virginica'), (6.1, 2.6, 5.6, 1.4, 'virginica'), (6.3, 3.4, 5.6, 2.4, 'virginica'),
  (6.0, 3.0, 4.8, 1.8, 'virginica'), (6.7, 3.1, 5.6, 2.4, 'virginica'), (5.8, 2.7, 5.1, 1.9, 'virginica'),
  (6.7, 3.3, 5.7, 2.5, 'virginica'), (6.3, 2.5, 5.0, 1.9, 'virginica'), (6.2, 3.4, 5.4, 2.3, 'virginica');

-- Learn what tells the three species apart; a fifth of the rows is kept apart to see how well that went.
SELECT * FROM iris_sample
TO TRAIN xgboost.gbtree
WITH num_round = 20, max_depth = 3, min_child_weight = 0.1, seed = 7, split.method = stratified
LABEL species
INTO iris_sample_model;

-- How good it is, on all rows.
SELECT * FROM iris_sample
TO EVALUATE iris_sample_model WITH evaluate.metrics = [accuracy, f1_macro, log_loss];

-- What it looks at.
SELECT * FROM iris_sample TO EXPLAIN iris_sample_model USING gain;

-- Into a table: the selected columns and predicted_species.
SELECT * FROM iris_sample TO PREDICT iris_sample_named USING iris_sample_model;

SELECT species, predicted_species, count(*) AS flowers FROM iris_sample_named
GROUP BY species, predicted_species ORDER BY species, predicted_species;

-- As rows: flowers between two species, and how sure the model is.
SELECT petal_length, petal_width, sepal_length, sepal_width FROM iris_sample
WHERE petal_length BETWEEN 4.8 AND 5.1
ORDER BY petal_length, petal_width, sepal_length, sepal_width
TO PREDICT WITH predict.proba = true USING iris_sample_model;
