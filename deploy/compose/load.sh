#!/bin/bash
# Some dozen statements a second on the demonstration's MySQL, over TCP and without TLS, in connections of about a minute.
set -u
MYSQL_PWD=$(cat /run/secrets/mysql_password)
export MYSQL_PWD

statements() {
  for _ in $(seq 300); do
    local id=$((RANDOM % 1000 + 1))
    echo "INSERT INTO customers (name, email) VALUES ('customer $id', 'customer$id@shop.example');"
    echo "INSERT INTO orders (customer_id, amount) VALUES ($id, $id.95);"
    echo "PREPARE latest FROM 'SELECT id, amount FROM orders WHERE customer_id = ? ORDER BY id DESC LIMIT 5';"
    echo "SET @id = $id;"
    echo 'EXECUTE latest USING @id;'
    echo "SELECT c.name, SUM(o.amount) FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id = $id GROUP BY c.name;"
    echo "DELETE FROM orders WHERE customer_id = $((RANDOM % 1000 + 1)) LIMIT 1;"
    sleep 0.2
  done
}

while :; do
  # The server may not be up yet or be restarted: the next minute tries again.
  statements | mysql --host="${MYSQL_HOST:-mysql}" --user=shop --ssl-mode=DISABLED --get-server-public-key \
    --force --batch shop >/dev/null || sleep 2
done
