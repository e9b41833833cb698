SELECT DATE '2024-01-01' + id::INTEGER AS day, [id, 1] AS v, [id, 2]::FLOAT[2] AS pair, TIME '10:00:00' AS at, price FROM flowers
TO TRAIN xgboost.XGBRegressor WITH monotone_constraints = {'v[1]': 1, 'day.epoch_days': -1} LABEL price INTO m;
