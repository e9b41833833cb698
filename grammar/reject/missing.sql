-- What must be there is asked for at the end of the statement or at the verb.
-- expect: Q1005 at end
SELECT 1 TO TRAIN e LABEL y;
-- expect: Q1005 at end
SELECT 1 TO PREDICT t;
-- expect: Q1005 at "TRAIN"
SELECT 1 TO TRAIN WITH a = 1 INTO m;
-- expect: Q1005 at "EVALUATE"
SELECT 1 TO EVALUATE LABEL y;
-- expect: Q1005 at "EXPLAIN"
SELECT 1 TO EXPLAIN;
-- expect: Q1005 at "TO TRAIN"
TO TRAIN e INTO m;
-- Clause words without their operand.
-- expect: Q1001 at "INTO"
SELECT 1 TO TRAIN e LABEL INTO m;
-- expect: Q1001 at "LABEL"
SELECT 1 TO TRAIN e WITH a = LABEL y INTO m;
