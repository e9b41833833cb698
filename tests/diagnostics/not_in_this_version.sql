SELECT * FROM flowers TO TRAIN ScoreCard LABEL species INTO m;
SELECT * FROM flowers TO TRAIN xgboost.gbtree WITH refresh_leaf = 1 LABEL species INTO m;
SELECT * FROM flowers TO TRAIN xgboost.gbtree COLUMN EMBEDDING(color, 8) LABEL species INTO m;
SELECT * FROM flowers TO RUN cleaner;
VERIFY MODEL m;
