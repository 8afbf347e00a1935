import { createReadStream } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import type { ClientTarget } from '../../support/oracle/clients.ts';

/** mysql2: text and prepared statements, several at once, LOAD DATA LOCAL, a change of user, 17 MiB, compression if asked. */
export async function runMysql2(server: ClientTarget, [file, mode]: readonly string[]): Promise<void> {
  const connection = await createConnection({
    host: server.host,
    port: server.port,
    user: 'app',
    password: 'app-pass',
    database: 'shop',
    multipleStatements: true,
    compress: mode === 'compress',
    infileStreamFactory: (path: string) => createReadStream(path),
  });
  const attempt = async (work: () => Promise<unknown>) => {
    await work().catch(() => {});
  };
  for (let i = 0; i < 100; i++)
    await connection.query('SELECT name FROM items WHERE id = ? AND name <> ?', [i, "it's"]);
  for (let i = 0; i < 100; i++)
    await connection.execute('SELECT name, price FROM items WHERE id = ? OR name = ?', [i, `pen "${i}" é`]);
  await connection.execute('INSERT INTO items (name, note, ratio, made) VALUES (?, ?, ?, ?)', [
    'mysql2',
    null,
    0.1,
    new Date('2024-02-29T23:59:58.123Z'),
  ]);
  await Promise.all(Array.from({ length: 20 }, (_, i) => connection.query(`SELECT ${i}, SLEEP(0)`)));
  const statement = await connection.prepare('UPDATE items SET price = ? WHERE id = ?');
  for (let i = 0; i < 10; i++) await statement.execute([i, i]);
  await statement.close();
  await connection.query("SELECT 1; SELECT 'a;b'; CALL several(1, @b); SELECT @b");
  await attempt(() => connection.query('SELECT 1; SELECT * FROM missing; SELECT 2'));
  await attempt(() => connection.execute('SELECT * FROM missing WHERE id = ?', [1]));
  await attempt(() => connection.query('SELEC nonsense'));
  await connection.query(`LOAD DATA LOCAL INFILE '${file}' INTO TABLE lines_in (line)`);
  await connection.ping();
  await connection.beginTransaction();
  await connection.query('UPDATE items SET price = 0 WHERE id = 1');
  await connection.rollback();
  await connection.changeUser({ user: 'second', password: 'second-pass', database: 'shop' });
  await connection.query("SELECT CURRENT_USER(), '😀 ünï'");
  await connection.query(`SELECT LENGTH('${'m'.repeat(17 * 1024 * 1024)}')`);
  await connection.execute('SELECT LENGTH(?)', ['e'.repeat(17 * 1024 * 1024)]);
  await connection.end();
}
