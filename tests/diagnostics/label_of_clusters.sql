CREATE TABLE flowers AS
SELECT i * 0.1 AS petal_length, i % 7 AS petal_width, (['setosa', 'virginica'])[i % 2 + 1] AS species
FROM range(80) r(i);
SELECT * FROM flowers
TO TRAIN KMeans
WITH n_clusters = 3
LABEL species
INTO groups;
