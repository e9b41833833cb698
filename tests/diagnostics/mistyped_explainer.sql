SELECT * FROM flowers TO EXPLAIN m WITH explain.repeats = 3, summary.plot_type = dot;
SELECT * FROM flowers TO EXPLAIN m USING permutatoin;
SELECT * FROM flowers TO EXPLAIN m WITH output.mode = append USING importance;
