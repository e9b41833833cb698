SELECT petal_length, wild FROM flowers TO PREDICT shop.guesses AS "the price" USING shop.prices@1;
