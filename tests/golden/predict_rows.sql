SELECT id, petal_length, petal_width, color FROM flowers WHERE id < 3 TO PREDICT USING kinds;
