-- The remaining statements of the language; later ones are named by their form.
-- expect: show_models, show_models, drop_model, drop_model
SHOW MODELS;
SHOW MODELS LIKE 'churn%';
DROP MODEL m@3;
DROP MODEL IF EXISTS catalog.schema.model;
-- expect: later SHOW TRIALS, later SHOW ATTRIBUTES, later DESCRIBE MODEL
SHOW TRIALS m;
SHOW ATTRIBUTES xgboost.gbtree;
DESCRIBE MODEL m;
-- expect: later EXPORT MODEL, later EXPORT MODEL, later IMPORT MODEL, later VERIFY MODEL, later VERIFY MODEL
EXPORT MODEL m@2 TO 'm.onnx';
EXPORT MODEL m TO 'm.sql' WITH dialect = mysql;
IMPORT MODEL 'm.quern' INTO m;
VERIFY MODEL m;
VERIFY MODEL m ON SELECT * FROM t WHERE a IN (1, 2);
-- expect: later SET quern, later ATTACH, later ATTACH
SET quern.model_store = 'sqlite:models.db/main';
ATTACH 'postgresql://host/db' AS warehouse;
ATTACH 'duckdb:a.db' AS a;
