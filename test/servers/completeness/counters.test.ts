import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CountersTask } from '../../../processors/watch/counters/counters-task.ts';
import { MysqlConnection } from '../../../processors/watch/mysql-connection.ts';
import { serverFacts } from '../../../processors/watch/server-facts.ts';
import type { ServerFacts } from '../../../processors/watch/watch-task.ts';
import type { ServerMinute } from '../../../schemas/server-minute.ts';
import type { LoggedServer } from '../../support/oracle/logged-server.ts';
import { socketOf } from '../../support/socket-of.ts';
import { startTlsServer } from '../../support/tls-server.ts';

const TIMEOUT_MS = 10_000;
/** Of one reading, at most. */
const OWN_STATEMENTS = 2;
const MINUTE = Date.UTC(2026, 0, 1);

describe.each(['MariaDB', 'MySQL'] as const)('counters of a %s', (name) => {
  let server: LoggedServer;
  let socketPath: string;

  beforeAll(async () => {
    server = await startTlsServer(name);
    socketPath = await socketOf(server);
    await server.sql(
      "CREATE USER watch IDENTIFIED BY 'watch-pass'",
      'GRANT SELECT ON performance_schema.status_by_account TO watch',
      'GRANT SELECT ON performance_schema.status_by_thread TO watch',
      'GRANT SELECT ON performance_schema.threads TO watch',
      "CREATE USER poor IDENTIFIED BY 'poor-pass'",
      "CREATE USER app IDENTIFIED BY 'app-pass'",
      "CREATE USER once IDENTIFIED BY 'once-pass'",
    );
  });
  afterAll(() => server?.stop());

  /** A task on a clock of its own, and what it published last. */
  async function watched(user: string) {
    const mysql = {
      host: server.host,
      port: server.port,
      user,
      password: `${user}-pass`,
      connectTimeoutMs: TIMEOUT_MS,
    };
    // Farewells of the test before are counted when the server comes to them.
    await sleep(500);
    const connection = await MysqlConnection.open(mysql);
    const facts: ServerFacts = await serverFacts(connection, name, TIMEOUT_MS, () => MINUTE * 1000);
    let nowMs = MINUTE;
    let last: ServerMinute | undefined;
    const clocks = { nowMs: () => nowMs, steadyMs: () => nowMs };
    const publish = async (minutes: readonly ServerMinute[]) => {
      last = minutes.at(-1);
    };
    const task = new CountersTask({ serverId: name, origin: 'watch 1', publish, clocks });
    const read = async (): Promise<ServerMinute | undefined> => {
      await task.run(connection, facts, TIMEOUT_MS);
      nowMs += 10_000;
      return last;
    };
    return { read, close: () => connection.close() };
  }

  function client(user: string, isTls: boolean): Promise<Connection> {
    const tls = isTls ? { ssl: { rejectUnauthorized: false } } : {};
    return createConnection({ host: server.host, port: server.port, user, password: `${user}-pass`, ...tls });
  }

  async function ask(connection: Connection, times: number): Promise<void> {
    for (let i = 0; i < times; i++) await connection.query('SELECT 1');
  }

  it('are the statements of others alone, and how they came, to the last one', async () => {
    const plain = await client('app', false);
    const tls = await client('app', true);
    const socket = await createConnection({ user: 'root', socketPath });
    const { read, close } = await watched('watch');
    await read();
    await ask(plain, 11);
    await ask(tls, 23);
    await ask(socket, 5);
    await read();
    await ask(plain, 100);
    await ask(tls, 10);
    const minute = await read();
    expect(minute).toMatchObject({ channels: { tcp: 111, tls: 33, socket: 5 }, restarts: 0, flushes: 0 });
    expect((minute?.questions ?? 0) - (minute?.ownQuestions ?? 0)).toBe(149);
    expect(minute?.commands['select']).toBeGreaterThanOrEqual(149);
    await Promise.all([plain.end(), tls.end(), socket.end()]);
    close();
  });

  it('include sessions that came and went between two readings, once one of their account was seen', async () => {
    const first = await client('once', true);
    const { read, close } = await watched('watch');
    await read();
    await first.end();
    await read();
    const short = await client('once', true);
    await ask(short, 7);
    await short.end();
    const minute = await read();
    // And two farewells.
    expect(minute?.channels).toMatchObject({ tls: 9 });
    expect(minute?.sslAccepts).toBe(1);
    close();
  });

  it('are bytes of the protocol, the same inside TLS', async () => {
    const plain = await client('app', false);
    const tls = await client('app', true);
    const { read, close } = await watched('watch');
    await read();
    await ask(plain, 10);
    const first = (await read())?.bytesReceived ?? 0;
    await ask(tls, 10);
    const both = (await read())?.bytesReceived ?? 0;
    expect(first).toBeGreaterThan(100);
    expect(both - first).toBe(first);
    await Promise.all([plain.end(), tls.end()]);
    close();
  });

  it('say nothing of the way to a user who may not ask, and all else', async () => {
    const { read, close } = await watched('poor');
    const plain = await client('app', false);
    await read();
    await ask(plain, 4);
    const minute = await read();
    expect(minute?.channels).toEqual({});
    expect((minute?.questions ?? 0) - (minute?.ownQuestions ?? 0)).toBe(4);
    await plain.end();
    close();
  });

  it('go on over FLUSH STATUS, refused logins and a change of user', async () => {
    const { read, close } = await watched('watch');
    const plain = await client('app', false);
    await read();
    await expect(createConnection({ host: server.host, port: server.port, user: 'nobody' })).rejects.toThrow();
    await ask(plain, 3);
    await read();
    const root = await createConnection({ user: 'root', socketPath });
    await root.query('FLUSH STATUS');
    await ask(plain, 3);
    await plain.changeUser({ user: 'app', password: 'app-pass' });
    await ask(plain, 3);
    const minute = await read();
    expect(minute).toMatchObject({ connections: 2, abortedConnects: 1, measuredMs: 20_000 });
    // Nine by the client, its change of user, and FLUSH; which on MySQL also forgets what the watcher's own session had counted.
    const others = (minute?.questions ?? 0) - (minute?.ownQuestions ?? 0);
    expect(others - 11).toBeGreaterThanOrEqual(0);
    expect(others - 11).toBeLessThanOrEqual(OWN_STATEMENTS);
    const { tcp = 0, socket = 0 } = minute?.channels ?? {};
    expect(tcp).toBeLessThanOrEqual(10 + OWN_STATEMENTS);
    expect(socket).toBeLessThanOrEqual(1);
    await Promise.all([plain.end(), root.end()]);
    close();
  });
});
