1\i other.sql
\i self
SELECT 1;
