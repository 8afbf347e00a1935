import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryRows, startCli } from '../../support/cli.ts';
import { MariaDb } from '../../support/mariadb.ts';
import { MySql9 } from '../../support/mysql9.ts';
import { openFrom, runShortConnections } from './short-connections.ts';

const USERS = Array.from({ length: 20 }, (_, i) => `user${i}`);
const CONNECTIONS_PER_USER = 10;
const SHORT_CONNECTIONS = 10_000;
const SHORT_PORTS = 40;
/** Of old connections that end while it is captured: others come from their ports. */
const CLOSED = 20;

let folder: string;
let password: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqltrail-identity-'));
  password = join(folder, 'password');
  writeFileSync(password, 'secret\n', { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['MariaDB', 'MySQL'] as const)('old connections of %s', (name) => {
  let server: MariaDb | MySql9;
  beforeAll(async () => {
    const serverArgs = ['--max-connections=600'];
    server = name === 'MariaDB' ? await MariaDb.start({ serverArgs }) : await MySql9.start({ serverArgs });
    await server.sql(
      ...[...USERS, 'watcher'].map((user) => `CREATE USER ${user}@'%' IDENTIFIED BY 'secret'`),
      "GRANT PROCESS ON *.* TO watcher@'%'",
      'CREATE DATABASE shop',
      ...USERS.map((user) => `GRANT SELECT ON shop.* TO ${user}@'%'`),
    );
  });
  afterAll(() => server?.stop());

  it('all get their user within 30 s, and none of the short ones beside them, on the same ports, a wrong one', async () => {
    const store = join(folder, `store-${name}`);
    const old = await Promise.all(
      USERS.flatMap((user) =>
        Array.from({ length: CONNECTIONS_PER_USER }, async () => ({
          user,
          ...(await openFrom({ port: server.port, user })),
        })),
      ),
    );
    for (const { connection } of old) await connection.query('USE shop');
    await server.clearGeneralLog();
    const cli = startCli([
      ...['run', '-i', 'lo', '--port', String(server.port), '--store', store, '--format', 'none'],
      ...['--mysql-user', 'watcher', '--mysql-password-file', password],
    ]);
    await cli.said('capturing on lo');
    const startedMs = Date.now();
    for (const { user, connection } of old) await connection.query(`SELECT 1 AS ran_by_${user}`);
    await sleep(12_000);
    const free = old.slice(0, CLOSED).map(({ localPort, reset }) => {
      reset();
      return localPort;
    });
    const ports = [...free, ...Array.from({ length: SHORT_PORTS - CLOSED }, (_, i) => 61_000 + i)];
    const short = await runShortConnections(server.port, ports, [...USERS].reverse(), SHORT_CONNECTIONS);
    for (const { user, connection } of old.slice(CLOSED)) await connection.query(`SELECT 1 AS ran_by_${user}`);
    await sleep(25_000);
    const seconds = Math.ceil((Date.now() - startedMs) / 1000);
    cli.process.kill('SIGTERM');
    const outcome = await cli.outcome;
    expect(outcome.code, outcome.stderr).toBe(0);
    for (const { connection } of old) connection.destroy();

    const ran = "statement_masked LIKE '%ran_by_%'";
    const [sums] = queryRows(
      store,
      `SELECT toUInt32(countIf(user_name_source = 'processlist')) AS old, toUInt32(countIf(user_name_source = 'handshake')) AS short, toUInt32(countIf(user_name = '')) AS unnamed, toUInt32(countIf(user_name != '' AND user_name != extract(statement_masked, 'ran_by_(user[0-9]+)'))) AS wrong, toUInt32(countIf(user_name_source = 'processlist' AND dateDiff('second', event_time, user_known_at) > 30)) AS late, toUInt32(countIf(user_name_source = 'processlist' AND (database_name != 'shop' OR database_name_source != 'processlist'))) AS other_database FROM audit WHERE ${ran} AND command = 'query'`,
    );
    const oldRows = old.length + old.length - CLOSED;
    expect(sums).toEqual({ old: oldRows, short, unnamed: 0, wrong: 0, late: 0, other_database: 0 });
    expect(short).toBeGreaterThanOrEqual(SHORT_CONNECTIONS);
    const activity = queryRows(
      store,
      "SELECT DISTINCT user_name FROM activity_per_minute AS a JOIN statements AS s ON s.digest = a.statement_digest WHERE s.masked LIKE '%ran_by_%' AND a.user_name != extract(s.masked, 'ran_by_(user[0-9]+)')",
    );
    expect(activity).toEqual([]);

    const lists = await server.sql(
      "SELECT COUNT(*) AS n FROM mysql.general_log WHERE user_host LIKE '%watcher%' AND CONVERT(argument USING utf8mb4) LIKE '%processlist%' AND command_type = 'Query'",
    );
    expect(Number(lists[0]?.['n'])).toBeLessThanOrEqual(Math.ceil(seconds / 10) + 2);
    expect(Number(lists[0]?.['n'])).toBeGreaterThanOrEqual(3);
  });
});
