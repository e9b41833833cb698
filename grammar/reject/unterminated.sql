-- A string that is never closed takes the rest of the text with it; its opening is shown.
-- expect: Q1006 at "'"
SELECT 'abc; SELECT 1;
