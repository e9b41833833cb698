SELECT 1 AS x TO EVALUATE m WITH assert = 'acuracy > 0.9 and rows is 3 and auc > 0.5';
