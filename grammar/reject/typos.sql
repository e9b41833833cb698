-- A mistyped clause word is named, with the span on the word; what follows is checked too.
-- expect: Q1003 at "LABLE"
SELECT 1 TO TRAIN e LABLE y INTO m;
-- expect: Q1003 at "WIHT", Q1003 at "INTOO"
SELECT 1 TO TRAIN e WIHT a = 1 LABEL y INTOO m;
-- expect: Q1003 at "USNG"
SELECT 1 TO PREDICT t USNG m;
-- expect: Q1003 at "COLUM"
SELECT 1 TO TRAIN e COLUM a, b LABEL label INTO m;
-- A mistyped verb is certain where clause words follow it.
-- expect: Q1003 at "PREDIC", Q1003 at "TRIAN"
SELECT 1 TO PREDIC t USING m;
SELECT 1 TO TRIAN e LABEL y INTO m;
