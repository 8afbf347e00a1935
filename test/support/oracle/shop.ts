import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { INSIDE } from './known-differences.ts';
import type { LoggedServer } from './logged-server.ts';

/** Options that the oracle's clients need on either server. */
export const SHOP_ARGS = ['--max-allowed-packet=64M', '--local-infile=1', '--log-bin=binlog', '--server-id=1'];

/** The schema and the accounts that every client program of `test/servers/clients` works with. */
export async function createShop(server: LoggedServer): Promise<void> {
  await server.sql(
    'CREATE DATABASE shop CHARACTER SET utf8mb4',
    `CREATE TABLE shop.items (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(255), note LONGTEXT, price DECIMAL(20,4),
       made DATETIME(6), day DATE, span TIME(6), ratio DOUBLE, amount BIGINT UNSIGNED, data LONGBLOB)`,
    'CREATE TABLE shop.lines_in (line TEXT)',
    "INSERT INTO shop.items (name, price) VALUES ('first', 1), ('second', 2), ('third', 3)",
    `CREATE PROCEDURE shop.several(IN a INT, OUT b INT)
       BEGIN SELECT ${INSIDE} a AS first; SELECT ${INSIDE} a + 1 AS second UNION SELECT 3; SET b = a * 2; END`,
    "CREATE USER app IDENTIFIED BY 'app-pass'",
    "CREATE USER second IDENTIFIED BY 'second-pass'",
    'GRANT ALL ON *.* TO app',
    'GRANT ALL ON shop.* TO second',
  );
}

/** A first login by password: MySQL 9 then has its hash in memory, which clients without TLS or RSA need. */
export async function logInOnce(server: LoggedServer): Promise<void> {
  await server.clearGeneralLog();
  for (const user of ['app', 'second']) {
    const { host, port } = server;
    const connection = await createConnection({ host, port, user, password: `${user}-pass` });
    await connection.end();
  }
  const isLogged = async () => (await server.generalLog()).filter((entry) => entry.command === 'Quit').length >= 2;
  // A log that is cleared before the server saw them go would have their rows.
  while (!(await isLogged())) await sleep(50);
}
