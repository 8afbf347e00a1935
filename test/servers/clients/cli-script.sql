SELECT 1;
SELECT 'a;b', "it's" /* inner; comment */;
SELECT * FROM missing;
USE shop
SELECT name FROM items WHERE id IN (1, 2, 3);
INSERT INTO items (name, price) VALUES ('cli; one', 1), ('cli two', 2);
SHOW WARNINGS;
DELIMITER //
SELECT 'other delimiter';//
SELECT 1; SELECT 2//
DELIMITER ;
SET NAMES latin1;
SET NAMES utf8mb4;
CALL several(2, @b);
SELECT @b;
BEGIN;
UPDATE items SET price = price * 2 WHERE id = 1;
ROLLBACK;
SELEC nonsense;
SELECT 'Ünïcödé';
status
