import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoggedServer } from '../../support/oracle/logged-server.ts';
import { ensureInstalled } from '../../support/packages.ts';
import type { Service } from '../../support/service.ts';
import { socketOf } from '../../support/socket-of.ts';
import { prepareSysbench, runSysbench } from '../../support/sysbench.ts';
import { startTlsServer } from '../../support/tls-server.ts';
import { Fleet } from '../system/fleet.ts';

const MINUTE_MS = 60_000;
/** Of two whole minutes: the load, and within it the time without a capture, some of it in each minute. */
const LOAD_MS = 100_000;
const PAUSE_FROM_MS = 42_000;
const PAUSE_MS = 30_000;
const PLAIN_PER_SECOND = 150;
const CLIENT_PAUSE_MS = 20;

/** Asks one thing after another over connections of its own, some of them short, and counts what the server must count. */
class Client {
  statements = 0;
  readonly #open: () => Promise<Connection>;

  constructor(open: () => Promise<Connection>) {
    this.#open = open;
  }

  async run(untilMs: number): Promise<void> {
    while (Date.now() < untilMs) {
      const connection = await this.#open();
      for (let i = 0; i < 200 && Date.now() < untilMs; i++) {
        await connection.query('SELECT 1');
        this.statements++;
        await sleep(CLIENT_PAUSE_MS);
      }
      await connection.end();
      // Of the farewell.
      this.statements++;
    }
  }
}

let fleet: Fleet;

beforeAll(async () => {
  ensureInstalled('mariadbd', 'sysbench', 'tcpdump', 'openssl');
  fleet = await Fleet.start(3);
  fleet.serve('process', 'process');
  fleet.serve('store', 'process', '--stages', 'store');
});
afterAll(async () => {
  await fleet?.stop();
});

interface Questions {
  readonly all: number;
  readonly watcher: number;
  /** Statements that asking took; all of them are in `all`. */
  readonly readings: number;
}

/**
 * `Questions` of all, and of the watcher's account. The server sums these up one after the other: asked again until the watcher
 * did nothing between two readings, so that the two belong together.
 */
async function questions(connection: Connection): Promise<Questions> {
  let last = { all: Number.NaN, watcher: Number.NaN };
  for (let readings = 1; ; readings++) {
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT 'all' AS who, VARIABLE_VALUE AS n FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Questions'
       UNION ALL SELECT 'watcher', VARIABLE_VALUE FROM performance_schema.status_by_account WHERE VARIABLE_NAME = 'Questions' AND USER = 'watch'`,
    );
    const of = (who: string) => Number(rows.find((row) => row['who'] === who)?.['n']);
    const now = { all: of('all'), watcher: of('watcher') };
    if (now.watcher === last.watcher && now.all === last.all + 1) return { ...now, readings };
    last = now;
    await sleep(100);
  }
}

describe.each(['MariaDB', 'MySQL'] as const)('coverage of a %s', (name) => {
  let server: LoggedServer;
  let watcher: Service;
  let observer: Connection;
  let socketPath: string;

  beforeAll(async () => {
    server = await startTlsServer(name);
    await prepareSysbench(server);
    await server.sql(
      "CREATE USER watch IDENTIFIED BY 'watch-pass'",
      'GRANT PROCESS ON *.* TO watch',
      'GRANT SELECT ON performance_schema.status_by_account TO watch',
      'GRANT SELECT ON performance_schema.threads TO watch',
      "CREATE USER secret IDENTIFIED BY 'secret-pass'",
    );
    socketPath = await socketOf(server);
    observer = await createConnection({ user: 'root', socketPath });
    const password = join(fleet.folder, `password-${name}`);
    writeFileSync(password, 'watch-pass', { mode: 0o600 });
    const config = join(fleet.folder, `watch-${name}.yml`);
    const watched = { id: name, host: server.host, port: server.port, user: 'watch', password_file: password };
    // JSON is YAML.
    writeFileSync(config, JSON.stringify({ watch: { servers: [watched] } }));
    watcher = fleet.serve(`watcher of ${name}`, 'watch', '--config', config);
  });
  afterAll(async () => {
    await watcher?.stop();
    await observer?.end();
    await server?.stop();
  });

  function startEdge(): Service {
    const spool = ['--spool', join(fleet.folder, `spool-${name}`)];
    const source = ['-i', 'lo', '--port', String(server.port), '--server-id', name];
    return fleet.serve(`edge of ${name}`, 'edge', ...source, ...spool);
  }

  it('executed is what the server counted, and every statement that is missing is put to its reason', async () => {
    const first = startEdge();
    const running = (edge: Service) => until(() => edge.stderr.includes('capturing on lo'));
    await running(first);
    await until(() => watcher.stderr.includes('Servers are watched.'));
    const startMs = Math.ceil((Date.now() + 2_000) / MINUTE_MS) * MINUTE_MS;
    await sleep(startMs + 1_500 - Date.now());
    const before = await questions(observer);

    const endMs = startMs + LOAD_MS;
    const plain = { host: server.host, port: server.port };
    const overTls = Array.from(
      { length: 3 },
      () =>
        new Client(() =>
          createConnection({ ...plain, user: 'secret', password: 'secret-pass', ssl: { rejectUnauthorized: false } }),
        ),
    );
    const overSocket = new Client(() => createConnection({ user: 'root', socketPath }));
    const load = Promise.all([
      runSysbench(server, {
        script: 'oltp_point_select',
        preparedStatements: name === 'MySQL' ? 'auto' : 'disable',
        events: (PLAIN_PER_SECOND * (LOAD_MS - 5_000)) / 1000,
        threads: 4,
        eventsPerSecond: PLAIN_PER_SECOND,
      }),
      ...overTls.map((client) => client.run(endMs)),
      overSocket.run(endMs),
    ]);
    await sleep(startMs + PAUSE_FROM_MS - Date.now());
    await first.stop();
    await sleep(startMs + PAUSE_FROM_MS + PAUSE_MS - Date.now());
    await running(startEdge());
    await load;
    const after = await questions(observer);
    expect(Date.now()).toBeLessThan(startMs + 2 * MINUTE_MS - 1_000);
    await sleep(startMs + 2 * MINUTE_MS + 1_000 - Date.now());

    const window = `server_id = '${name}' AND minute >= toDateTime(${startMs / 1000}) AND minute < toDateTime(${startMs / 1000 + 120})`;
    await settled(`SELECT sum(executed) + sum(seen) + 1000000 * uniqExact(minute) FROM coverage WHERE ${window}`);
    const rows = await fleet.clickhouse.rows(
      `SELECT toUInt64(executed) AS executed, seen, missing, measured_ms, uncertainty_ms FROM coverage WHERE ${window} ORDER BY minute`,
    );
    const sum = (of: (row: Record<string, unknown>) => unknown) =>
      rows.reduce((total, row) => total + Number(of(row)), 0);
    const missing = (reason: string) => sum((row) => (row['missing'] as Record<string, unknown>)[reason] ?? 0);
    const truth = {
      // A reading counts itself before it reads.
      executed: after.all - before.all - (after.watcher - before.watcher) + before.readings,
      tls: overTls.reduce((total, client) => total + client.statements, 0),
      // And the readings here.
      socket: overSocket.statements + before.readings + after.readings,
    };
    const executed = sum((row) => row['executed']);
    const seen = sum((row) => row['seen']);
    console.log(name, JSON.stringify({ truth, executed, seen, rows }));

    expect(rows.map((row) => Number(row['measured_ms']))).toEqual([MINUTE_MS, MINUTE_MS]);
    expect(executed).toBe(truth.executed);
    const one = truth.executed / 100;
    const lost = truth.executed - truth.tls - truth.socket - seen;
    expect(Math.abs(missing('tls') - truth.tls)).toBeLessThan(one);
    expect(Math.abs(missing('unix_socket') - truth.socket)).toBeLessThan(one);
    expect(lost).toBeGreaterThan(((PAUSE_MS / 1000) * PLAIN_PER_SECOND) / 2);
    expect(Math.abs(missing('capture_not_running') - lost)).toBeLessThan(one);
    expect(missing('unexplained')).toBeLessThan(one);
    expect(seen + sum((row) => total(row['missing']))).toBe(executed);
  });
});

function total(missing: unknown): number {
  return Object.values(missing as Record<string, unknown>).reduce<number>((all, n) => all + Number(n), 0);
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(100);
}

/** Waits until a number has not changed for ten seconds: all that is on its way has arrived. */
async function settled(sql: string): Promise<void> {
  let last = Number.NaN;
  for (let same = 0; same < 10; ) {
    await sleep(1_000);
    const value = await fleet.number(sql);
    same = value === last ? same + 1 : 0;
    last = value;
  }
}
