-- dialect: mysql
-- Backslash escapes, backticks, # comments, and two dashes that are no comment.
-- expect: train
SELECT 'a\'b;c', `x;y`, 5--3 # don't; stop
FROM t TO TRAIN e LABEL `x;y` INTO m;
-- expect: plain, plain
/*!40101 SET NAMES utf8 */;
CREATE DEFINER=`a`@`b` PROCEDURE p() BEGIN
  IF a THEN SELECT 1; END IF;
  WHILE x DO SET y = 1; END WHILE;
  CASE a WHEN 1 THEN SELECT 1; END CASE;
END;
