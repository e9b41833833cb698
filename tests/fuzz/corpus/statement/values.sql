0SELECT 1 TO TRAIN e WITH a = 1, b = -1, c = +1, d = .5, e = 1., f = 1e3, g = -2.5E-3, h = 9223372036854775808,
  i = -9223372036854775808 INTO m;
SELECT 1 TO TRAIN e WITH a = 'it''s', b = "it's", c = 'say "x"', d = "WHERE n = \"x\"", e = 'it\'s', f = "\d+",
  g = 'a;b' INTO m;
SELECT 1 TO TRAIN e WITH a = auc, b = binary:logistic, c = TRUE, d = false, e = null, f = [], g = [1, [2.5, 'x'], y],
  h = {}, i = {a: 1, 'b c': [2], 0: 3, -1: 4, label: 5, true: {x: y}}, j = sqlflow_models.Net INTO m;
SELECT 1 TO TRAIN e WITH a = 2 * (3 + 4) - -1, b = 10 / 4 % 3, c = -(1 + 2), d = RANGE(0.01, 1, 'log'),
  e = CHOICE('a', "b", c, [1]), f = HPARAM_RANGE(1, 2), g = now() INTO m;
SELECT 1 TO TRAIN e COLUMN * EXCEPT (id, `my id`, t.x), STANDARDIZE(*), `my column`, "t".x LABEL y INTO m;
