SELECT petal_length, petal_width, color FROM flowers
TO PREDICT scores.species WITH output.mode = append USING kinds;
