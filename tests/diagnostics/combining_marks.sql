SELECT 1 AS "é", 2 AS "ノート" TO TRAIN xgboost.gbtree COLUMN "é", "ノｰト" LABEL "ノート" INTO m;
