0\set day 7
\set name 'it''s'
SELECT :a, ${a}, :'b', :"c", x::int, y[1:2], {'k':v}, $$ :a $$, ':a' -- :a
;
\echo day :day
\unset day
SELECT :day;
