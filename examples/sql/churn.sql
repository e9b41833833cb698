-- Which customers will leave: from a CSV to a model that is judged, explained and used for scores.
-- Runs in a folder with churn.csv (examples/data): quern --db duckdb:churn.duckdb -f churn.sql
CREATE OR REPLACE TABLE customers AS SELECT * FROM 'churn.csv';

-- Learn from three customers of four. A fifth of them tells when to stop.
SELECT * FROM customers WHERE customer % 4 <> 0
TO TRAIN xgboost.XGBClassifier
WITH num_round = 300, eta = 0.1, max_depth = 3, train.early_stopping = 15, split.seed = 4, seed = 7
COLUMN plan, region, months, monthly_fee, usage_gb, support_calls, autopay
LABEL churned
INTO churn_model;

-- Judge it by the customers that it has not seen.
SELECT * FROM customers WHERE customer % 4 = 0 TO EVALUATE churn_model INTO churn_quality;
SELECT rows, round(accuracy, 3) AS accuracy, round(roc_auc, 3) AS roc_auc, round(log_loss, 3) AS log_loss,
       round(average_precision, 3) AS average_precision
FROM churn_quality;

-- A call costs less than a customer: who leaves with a probability from 0.3 up shall get one.
SELECT * FROM customers WHERE customer % 4 = 0
TO EVALUATE churn_model WITH evaluate.report = confusion, evaluate.threshold = 0.3;

-- Can its probabilities be taken at their word?
SELECT * FROM customers WHERE customer % 4 = 0
TO EVALUATE churn_model WITH evaluate.report = calibration, evaluate.bins = 4;

-- What it looks at, over all customers.
SELECT * FROM customers TO EXPLAIN churn_model;

-- Score every customer into a table.
SELECT * FROM customers
TO PREDICT churn_scored.leaves
WITH predict.proba = true, predict.threshold = 0.3, predict.columns = [customer, plan, months, churned]
USING churn_model;

-- Whom to call first: those who are still there.
SELECT customer, plan, months, round(leaves_prob_true, 3) AS probability
FROM churn_scored WHERE NOT churned AND leaves
ORDER BY leaves_prob_true DESC, customer LIMIT 5;
