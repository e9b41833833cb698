SELECT petal_length, wild, price FROM flowers
TO PREDICT flowers AS guess WITH output.mode = replace USING shop.prices;
