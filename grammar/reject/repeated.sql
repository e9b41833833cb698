-- Clauses that cannot be merged are given once; COLUMN may be repeated.
-- expect: Q1004 at "WITH"
SELECT 1 TO TRAIN e WITH a = 1 LABEL y WITH b = 2 INTO m;
-- expect: Q1004 at "LABEL", Q1004 at "INTO"
SELECT 1 TO TRAIN e LABEL y LABEL z INTO m INTO n;
-- expect: Q1004 at "USING"
SELECT 1 TO PREDICT t USING m USING n;
-- expect: Q1004 at "CMD"
SELECT 1 TO RUN p CMD 'a' CMD 'b';
