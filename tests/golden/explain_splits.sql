SELECT * FROM flowers TO EXPLAIN shop.prices USING XGBoostExplainer;
