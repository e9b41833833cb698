SELECT petal_length, wild, price AS paid FROM flowers
TO EXPLAIN shop.prices WITH label_col = paid, explain.repeats = 2, explain.seed = 3 USING permutation;
