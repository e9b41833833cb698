-- The result table is optional; AS names the column so that the rest is a table for sure.
-- expect: predict, predict, predict, predict
SELECT * FROM t TO PREDICT USING m;
SELECT * FROM t TO PREDICT result USING m@2;
SELECT * FROM t TO PREDICT catalog.schema.result AS score USING m;
SELECT * FROM t TO PREDICT USING m WITH predict.proba = true;
-- LABEL and INTO are optional.
-- expect: evaluate, evaluate
SELECT * FROM t TO EVALUATE m;
SELECT * FROM t TO EVALUATE s.m@1 INTO r LABEL y WITH evaluate.report = roc;
-- expect: explain
SELECT * FROM t TO EXPLAIN m;
-- The statement EXPLAIN shows how a statement of ours would run; plan is the default stage.
-- expect: inspect plan, inspect ast, inspect ir, inspect plan, inspect llvm, inspect sql
EXPLAIN SELECT * FROM t TO TRAIN e INTO m;
EXPLAIN AST SELECT * FROM t TO TRAIN e INTO m;
EXPLAIN IR SELECT * FROM t TO TRAIN e INTO m;
EXPLAIN PLAN SELECT * FROM t TO PREDICT USING m;
EXPLAIN LLVM SELECT * FROM t TO PREDICT USING m;
EXPLAIN SQL SELECT * FROM t TO PREDICT USING m;
-- The final semicolon is optional.
-- expect: predict
SELECT * FROM t TO PREDICT USING m
