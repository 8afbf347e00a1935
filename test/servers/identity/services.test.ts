import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { MariaDb } from '../../support/mariadb.ts';
import { Fleet } from '../system/fleet.ts';
import { openFrom } from './short-connections.ts';

const USERS = Array.from({ length: 8 }, (_, i) => `user${i}`);
const CONNECTIONS_PER_USER = 5;
const ALL = USERS.length * CONNECTIONS_PER_USER;
const RAN = "statement_masked LIKE '%ran_by_%' AND command = 'query'";

let fleet: Fleet;
let server: MariaDb;
beforeAll(async () => {
  fleet = await Fleet.start(3);
  server = await MariaDb.start();
  await server.sql(
    ...[...USERS, 'watcher'].map((user) => `CREATE USER ${user}@'%' IDENTIFIED BY 'secret'`),
    "GRANT PROCESS ON *.* TO watcher@'%'",
  );
});
afterAll(async () => {
  await fleet?.stop();
  await server?.stop();
});

describe('the services', () => {
  it('put names to rows that are long in ClickHouse, and say which server does not answer', async () => {
    const old = await Promise.all(
      USERS.flatMap((user) =>
        Array.from({ length: CONNECTIONS_PER_USER }, async () => ({
          user,
          ...(await openFrom({ port: server.port, user })),
        })),
      ),
    );
    const edge = fleet.serve('edge', 'edge', '-i', 'lo', '--port', String(server.port));
    fleet.serve('process', 'process');
    fleet.serve('store', 'process', '--stages', 'store');
    while (!edge.stderr.includes('capturing on')) await new Promise((resolve) => setTimeout(resolve, 100));
    for (const { user, connection } of old) await connection.query(`SELECT 1 AS ran_by_${user}`);
    await fleet.until(`SELECT count() FROM audit WHERE ${RAN}`, ALL);
    expect(await fleet.number(`SELECT count() FROM audit WHERE ${RAN} AND user_name != ''`)).toBe(0);

    const password = join(fleet.folder, 'password');
    writeFileSync(password, 'secret\n', { mode: 0o600 });
    const login = { host: '127.0.0.1', user: 'watcher', password_file: password };
    process.env['SQLTRAIL_WATCH__SERVERS'] = JSON.stringify([
      { id: `127.0.0.1:${server.port}`, port: server.port, ...login },
      { id: 'dead', port: await freePort('127.0.0.1'), ...login },
    ]);
    const startedMs = Date.now();
    const watch = fleet.serve('watch', 'watch');
    delete process.env['SQLTRAIL_WATCH__SERVERS'];
    await fleet.until(
      `SELECT count() FROM audit WHERE ${RAN} AND user_name = extract(statement_masked, 'ran_by_(user[0-9]+)') AND user_name_source = 'processlist'`,
      ALL,
    );
    const seconds = (Date.now() - startedMs) / 1000;
    console.info(`named within ${seconds.toFixed(1)} s of the watcher's start`);
    expect(await fleet.number(`SELECT count() FROM audit WHERE ${RAN} AND user_known_at IS NULL`)).toBe(0);

    for (const { user, connection } of old) await connection.query(`SELECT 2 AS ran_by_${user}`);
    await fleet.until(
      `SELECT count() FROM audit_events WHERE user_name_source = 'processlist' AND command = 'query'`,
      ALL,
    );
    expect(
      await fleet.number(
        `SELECT count() FROM audit WHERE ${RAN} AND user_name != extract(statement_masked, 'ran_by_(user[0-9]+)')`,
      ),
    ).toBe(0);
    await fleet.until(
      "SELECT count() FROM ledger_entries WHERE stage = 'watch' AND server_id = 'dead' AND lost['mysql_unreachable'] > 0",
      1,
    );
    expect(await fleet.number("SELECT count() FROM coverage WHERE server_id = 'dead'")).toBe(0);
    expect(watch.stderr).toContain('The server cannot be reached');
    for (const { connection } of old) connection.destroy();
  });
});
