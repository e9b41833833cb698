SELECT * FROM flowers TO EVALUATE m WITH evaluate.metrics = [acuracy, f1], evaluate.report = roc, evaluate.bins = 5;
SELECT * FROM flowers TO EVALUATE m WITH evaluate.threshold = 1.5, evaluate.report = matrix;
SELECT * FROM flowers TO EVALUATE m WITH metrics = fbeta, output.mode = append;
