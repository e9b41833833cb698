SELECT i AS customer, 'at' AS country, hash(i) % 60 AS age, i % 3 = 0 AS churned,
  CASE WHEN churned THEN DATE '2024-01-01' + (i % 90)::INTEGER END AS cancel_date FROM range(300) r(i)
TO TRAIN xgboost.XGBClassifier WITH seed = 7 LABEL churned INTO m;
