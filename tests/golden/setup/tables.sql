-- What the statements beside this folder name.
CREATE TABLE flowers AS
SELECT i AS id, i * 0.1 AS petal_length, i % 7 AS petal_width, 'f' || i % 4 AS color,
       i % 5 > 1 AS wild, (['setosa', 'versicolor', 'virginica'])[i % 3 + 1] AS species,
       i / 10 AS price
FROM range(60) r(i);
CREATE TABLE scores (petal_length DOUBLE, species VARCHAR);
CREATE SCHEMA shop;
CREATE TABLE shop."Bäume ""alt""" AS SELECT i AS "größe, in m", i % 2 AS "is oak?" FROM range(40) r(i);
SELECT petal_length, petal_width, color, species FROM flowers
TO TRAIN xgboost.gbtree WITH num_round = 3, seed = 1 LABEL species INTO kinds;
SELECT petal_length, wild, price FROM flowers
TO TRAIN xgboost.XGBRegressor WITH num_round = 3, seed = 1 LABEL price INTO shop.prices;
