SELECT * FROM flowers TO EXPLAIN kinds WITH explain.expected_value = true USING TreeExplainer INTO shop.reasons;
