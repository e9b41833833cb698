-- The remaining statements of the language; later ones are named by their form.
-- expect: show_models, show_models, drop_model, drop_model
SHOW MODELS;
SHOW MODELS LIKE 'churn%';
DROP MODEL m@3;
DROP MODEL IF EXISTS catalog.schema.model;
-- expect: show_trials, show_train, show_attributes, show_attributes, describe
SHOW TRIALS m;
SHOW TRAIN s.m@2;
SHOW ATTRIBUTES xgboost.gbtree;
SHOW ATTRIBUTES PREDICT;
DESCRIBE MODEL m;
-- expect: export, export, import, import, import, later VERIFY MODEL, later VERIFY MODEL
EXPORT MODEL m@2 TO 'm.onnx';
EXPORT MODEL m TO 'm.sql' WITH dialect = mysql;
IMPORT MODEL 'm.quern' INTO m;
IMPORT MODEL 'm.json' INTO m WITH label = species, classes = ['a', 'b'];
IMPORT MODEL 'm.json' WITH classes = [1, 2] INTO s.m;
VERIFY MODEL m;
VERIFY MODEL m ON SELECT * FROM t WHERE a IN (1, 2);
-- expect: set, attach, attach
SET quern.model_store = 'sqlite:models.db/main';
ATTACH 'postgresql://host/db' AS warehouse;
ATTACH 'duckdb:a.db' AS a;
-- EXPLAIN stands in front of every statement of ours.
-- expect: inspect plan, inspect ast, inspect ir, inspect ast
EXPLAIN SHOW TRAIN m;
EXPLAIN AST EXPORT MODEL m TO 'm.json' WITH output.mode = replace;
EXPLAIN IR DROP MODEL IF EXISTS m;
EXPLAIN AST SET quern.model_store = default;
