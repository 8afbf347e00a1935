<?php
// mysqli: text and prepared statements, long data, session commands. Arguments: file for LOAD DATA LOCAL, optional `compress`.
mysqli_report(MYSQLI_REPORT_OFF);
$db = mysqli_init();
$db->options(MYSQLI_OPT_LOCAL_INFILE, 1);
$flags = in_array('compress', $argv) ? MYSQLI_CLIENT_COMPRESS : 0;
$db->real_connect(getenv('DB_HOST'), 'app', 'app-pass', 'shop', (int) getenv('DB_PORT'), null, $flags) or exit(1);
for ($i = 0; $i < 100; $i++) $db->query("SELECT name FROM items WHERE id = $i AND name <> 'it''s'");
$db->query('SELECT * FROM missing');
$db->query('SELEC nonsense');
$db->multi_query("SELECT 1; SELECT 'a;b'; CALL several(9, @b); SELECT @b");
do {
    if ($result = $db->store_result()) $result->free();
} while ($db->more_results() && $db->next_result());
$db->query("LOAD DATA LOCAL INFILE '$argv[1]' INTO TABLE lines_in (line)");

$statement = $db->prepare('INSERT INTO items (name, price, ratio, data) VALUES (?, ?, ?, ?)');
[$name, $price, $ratio, $data] = ['', 0, 0.5, null];
$statement->bind_param('sidb', $name, $price, $ratio, $data);
for ($i = 0; $i < 30; $i++) {
    [$name, $price, $ratio] = ["php $i", $i, $i / 4];
    $statement->send_long_data(3, "first part $i, ");
    $statement->send_long_data(3, str_repeat('second ', 1000));
    $statement->execute();
}
$statement->reset();
$statement->close();

$statement = $db->prepare('SELECT name, price FROM items WHERE id > ? LIMIT 40');
$statement->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
$id = 3;
$statement->bind_param('i', $id);
$statement->execute();
while ($statement->fetch());
$statement->close();
$db->prepare('SELECT * FROM missing WHERE id = ?');

$db->query('SELECT 1/0');
$db->get_warnings();
$db->query('SELECT 1');
$db->stat();
$db->select_db('shop');
$db->set_charset('gbk');
$db->query("SELECT '" . hex2bin('dc9bbcfed55c') . "'");
$db->set_charset('utf8mb4');
$db->change_user('second', 'second-pass', 'shop');
$db->query('SELECT CURRENT_USER()');
$db->begin_transaction();
$db->query('UPDATE items SET price = 1 WHERE id = 1');
$db->rollback();
$db->query("SELECT LENGTH('" . str_repeat('p', 17 * 1024 * 1024) . "')");
$db->close();
