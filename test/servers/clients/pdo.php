<?php
// PDO: prepared statements emulated (`emulate`) or of the server. Arguments: file for LOAD DATA LOCAL, mode.
$options = [
    PDO::ATTR_EMULATE_PREPARES => in_array('emulate', $argv),
    PDO::MYSQL_ATTR_LOCAL_INFILE => true,
    PDO::MYSQL_ATTR_COMPRESS => in_array('compress', $argv),
    PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT,
];
$db = new PDO('mysql:host=' . getenv('DB_HOST') . ';port=' . getenv('DB_PORT') . ';dbname=shop;charset=utf8mb4', 'app', 'app-pass', $options);
$insert = $db->prepare('INSERT INTO items (name, price, note) VALUES (:name, :price, :note)');
for ($i = 0; $i < 50; $i++) $insert->execute(['name' => "pdo $i 'é'", 'price' => $i, 'note' => $i % 2 ? null : 'text']);
$select = $db->prepare('SELECT name FROM items WHERE id = ? AND name <> "?"');
for ($i = 0; $i < 50; $i++) {
    $select->bindValue(1, $i, PDO::PARAM_INT);
    $select->execute();
    $select->fetchAll();
}
$several = $db->query("CALL several(4, @b)");
while ($several->nextRowset());
$several = null;
$db->query('SELECT * FROM missing');
$missing = $db->prepare('SELECT * FROM missing WHERE id = ?');
if ($missing) $missing->execute([1]);
$db->exec("LOAD DATA LOCAL INFILE '$argv[1]' INTO TABLE lines_in (line)");
$db->beginTransaction();
$db->exec('UPDATE items SET price = 2 WHERE id = 2');
$db->commit();
$db = null;
