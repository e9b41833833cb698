WITH "to train" AS (SELECT * FROM shop."Bäume ""alt""")
SELECT "größe, in m", "is oak?" AS label FROM "to train" /* TO TRAIN nothing */
TO TRAIN xgboost.gbtree COLUMN "größe, in m" LABEL label INTO "数 ""m""";
