CREATE TABLE flowers AS SELECT i % 4 AS petals, i % 2 AS leaves FROM range(80) r(i);
SELECT * FROM flowers
TO TRAIN KMeans WITH n_clusters = 9
INTO groups;
