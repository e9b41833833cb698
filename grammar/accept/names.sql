-- No keyword is reserved: columns, tables and models may be called like clauses and verbs.
-- expect: train
SELECT to, train, label FROM to TO TRAIN e WITH label = with, into.x = 3, column = [for, using]
COLUMN label, to, train, with COLUMN column FOR for LABEL label USING using INTO into;
-- expect: predict, predict
SELECT to FROM predict TO PREDICT label AS column USING using;
TABLE train TO PREDICT train USING predict;
-- Queries may begin with WITH, FROM, VALUES, TABLE or a parenthesis, and end in a star.
-- expect: train, train, train, train
WITH q AS (SELECT 1 AS to) SELECT * FROM q TO TRAIN e INTO m;
FROM t SELECT * TO TRAIN e INTO m;
VALUES (1), (2) TO TRAIN e INTO m;
(SELECT 1) UNION (SELECT 2) TO TRAIN e INTO m;
-- Names in any script.
-- expect: train
SELECT 花瓣 FROM 表 TO TRAIN e COLUMN 花瓣 LABEL größe INTO modèle;
-- TO inside strings, comments and parentheses opens nothing.
-- expect: train
SELECT ' TO TRAIN x', (SELECT 1 /* TO TRAIN y */) -- TO TRAIN z; don't
FROM t TO TRAIN e INTO m;
