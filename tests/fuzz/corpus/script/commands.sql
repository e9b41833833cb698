2# \set no
\set
\set 1a b
\echo "a
\unknown
SELECT \N; \i
