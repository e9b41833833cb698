-- expect: Q1006 at "/*"
SELECT 1 /* abc; SELECT 2;
