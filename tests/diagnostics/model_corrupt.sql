CREATE TABLE flowers AS
SELECT i * 0.1 AS petal_length, i % 7 AS petal_width, 'f' || i % 3 AS color, (['setosa', 'virginica'])[i % 2 + 1] AS species
FROM range(80) r(i);
SELECT * FROM flowers TO TRAIN xgboost.gbtree LABEL species INTO m;
UPDATE quern_model_chunks SET bytes = 'nonsense';
SELECT * FROM flowers TO PREDICT USING m;
