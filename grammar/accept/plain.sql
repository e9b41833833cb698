-- Whatever is not ours is the database's, byte for byte.
-- expect: plain, plain, plain, plain
ALTER TABLE a RENAME TO train;
SELECT * FROM t WHERE a SIMILAR TO train;
SELECT a, to FROM t;
SELECT to train FROM t;
-- expect: plain, plain, plain
EXPLAIN SELECT 1;
EXPLAIN ANALYZE SELECT 1;
SELECT 1 TO PREDIC m;
-- expect: plain, plain, plain, plain, plain, plain
SHOW tables;
SHOW MODELS FROM x;
DESCRIBE model;
USE x;
SET x = 1;
SET memory_limit = '1GB';
-- expect: plain, plain
ATTACH 'other.db' AS other;
ATTACH 'postgresql://h/d' AS p (TYPE postgres);
-- A trigger's body is one statement.
-- expect: plain, plain
CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET x = CASE WHEN 1 THEN 2 END; DELETE FROM c; END;
CREATE TABLE event AS SELECT begin FROM t;
