CREATE TABLE "t ""1""" AS SELECT i AS "a""b", i % 2 AS "it's" FROM range(40) r(i);
SELECT * FROM "t ""1""" TO TRAIN xgboost.gbtree COLUMN "a""b", "a""c" LABEL "it's" INTO "m""1";
