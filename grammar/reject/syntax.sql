-- What is wrong is pointed at; several mistakes are told at once.
-- expect: Q1001 at ",", Q1001 at "]"
SELECT 1 TO TRAIN e WITH a = , b = [1, ] INTO m;
-- expect: Q1001 at "b"
SELECT 1 TO TRAIN e WITH a = 1 b = 2 INTO m;
-- A clause of another verb.
-- expect: Q1001 at "LABEL"
SELECT 1 TO PREDICT t LABEL y USING m;
-- A forgotten semicolon.
-- expect: Q1001 at "SELECT"
SELECT 1 TO PREDICT t USING m SELECT 2;
-- expect: Q1001 at "COLUMN"
SELECT 1 TO TRAIN e WITH a = 1, COLUMN b INTO m;
-- expect: Q1001 at "1.5", Q1001 at end
DROP MODEL m@1.5;
DROP MODEL;
-- expect: Q1001 at end
EXPORT MODEL m;
-- A bracket that is never closed ends with the statement.
-- expect: Q1001 at "INTO"
SELECT 1 TO TRAIN e COLUMN DENSE(a, 4 INTO m;
