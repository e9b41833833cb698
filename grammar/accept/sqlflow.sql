-- Forms of SQLFlow's grammar and manual, with the meaning they have there.
-- expect: train
SELECT * FROM t TO TRAIN DNNClassifier
WITH n_classes = 3, hidden_units = [10, 20], model.optimizer = RMSprop, objective = reg:squarederror
COLUMN employee.name,
  BUCKETIZE(last_name, 1000),
  CROSS(EMBEDDING(employee.name), BUCKETIZE(last_name, 1000)),
  CONCAT(",", employee.col1, employee.col2)
COLUMN CROSS([a, b], 10), EMBEDDING(CATEGORY_ID(x, 10), 8, 'sum'), BUCKET(x, [1, 2]) FOR C2
LABEL "employee.salary"
INTO sqlflow_models.my_dnn_model;
-- Columns with shapes, delimiters and regular expressions; a star.
-- expect: train
SELECT * FROM t TO TRAIN e WITH a = 1
COLUMN DENSE(c, 4, COMMA), DENSE(c, none, ",", int), INDICATOR("c.*"), "f[0-9]+", *
LABEL y INTO m;
-- An image or a zoo address is one word with dots, dashes, slashes and colons.
-- expect: train
SELECT * FROM t TO TRAIN some-domain.com/a_data_scientist/regressors:v0.2/MyDNNRegressor WITH a = 1 LABEL y INTO m;
-- The result of a prediction names its column last.
-- expect: predict, predict
SELECT * FROM t TO PREDICT db.table.field USING sqlflow_models.my_dnn_model;
SELECT * FROM t TO PREDICT table.field WITH a = 1 USING m;
-- expect: explain, explain
SELECT * FROM t TO EXPLAIN my_model WITH plots = force USING TreeExplainer INTO db.table;
SELECT * FROM t TO EXPLAIN my_model USING TreeExplainer WITH summary.plot_type = bar;
-- expect: evaluate
SELECT * FROM t TO EVALUATE my_model WITH validation.metrics = "MAE,MSE" LABEL class INTO evaluation_result;
-- expect: later TO RUN, later TO RUN
SELECT 1 TO RUN a_data_scientist/ts_data_processor:1.0;
SELECT 1 TO RUN a/ts:1.0 CMD "slide_window_to_row", "--param_a=value_a" INTO output_1, output_2;
-- expect: later TO MAXIMIZE, later TO MINIMIZE
SELECT * FROM t TO MAXIMIZE SUM((price - materials_cost - other_cost) * product)
CONSTRAINT SUM(finishing * product) <= 100, SUM(carpentry * product) <= 80, product <= max_num
WITH variables = "product", product = "Integers" USING glpk INTO db.table;
SELECT * FROM t TO MINIMIZE SUM(cost * amount)
CONSTRAINT SUM(amount) <= capacity GROUP BY plant, SUM(amount) >= demand GROUP BY market, amount >= 0
WITH variables = "amount(plants, markets)" INTO result;
-- expect: show_train
SHOW TRAIN my_dnn_classifier_model;
