import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterEach, describe, expect, it } from 'vitest';
import { MariaDb } from '../../support/mariadb.ts';
import { MySql9 } from '../../support/mysql9.ts';
import type { LoggedServer } from '../../support/oracle/logged-server.ts';
import { socketOf } from '../../support/socket-of.ts';
import { CounterObserver } from './counted.ts';

const INSERTS = 20;
/** Replicas of MySQL 9 accept no source without. */
const TLS = '--tls-version=TLSv1.2,TLSv1.3';

let servers: LoggedServer[] = [];
let observing: Connection | null = null;

afterEach(async () => {
  await observing?.end();
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

async function start(name: LoggedServer['name'], serverId: number, ...further: string[]): Promise<LoggedServer> {
  const serverArgs = ['--general-log=0', `--server-id=${serverId}`, ...further];
  const server =
    name === 'MariaDB' ? await MariaDb.start({ serverArgs }) : await MySql9.start({ serverArgs: [...serverArgs, TLS] });
  servers.push(server);
  return server;
}

/** From now on the replica applies what the source writes. */
async function replicate(source: LoggedServer, replica: LoggedServer): Promise<void> {
  const isMariaDb = source.name === 'MariaDB';
  const [position] = await source.sql(isMariaDb ? 'SHOW MASTER STATUS' : 'SHOW BINARY LOG STATUS');
  const word = isMariaDb ? 'MASTER' : 'SOURCE';
  const settings = [
    `${word}_HOST = '${source.host}'`,
    `${word}_PORT = ${source.port}`,
    `${word}_USER = 'repl'`,
    `${word}_PASSWORD = 'repl-pass'`,
    `${word}_LOG_FILE = '${position?.['File']}'`,
    `${word}_LOG_POS = ${position?.['Position']}`,
    ...(isMariaDb ? [] : ['GET_SOURCE_PUBLIC_KEY = 1']),
  ];
  const change = isMariaDb ? 'CHANGE MASTER TO' : 'CHANGE REPLICATION SOURCE TO';
  await replica.sql(`${change} ${settings.join(', ')}`, isMariaDb ? 'START SLAVE' : 'START REPLICA');
}

describe('a replica', () => {
  it.each([
    ['MariaDB', 'STATEMENT'],
    ['MySQL', 'STATEMENT'],
    ['MySQL', 'ROW'],
  ] as const)('%s applies %s events without counting Questions', async (name, format) => {
    const source = await start(name, 1, '--log-bin=binlog', `--binlog-format=${format}`);
    const replica = await start(name, 2);
    await source.sql("CREATE USER repl IDENTIFIED BY 'repl-pass'", 'GRANT REPLICATION SLAVE ON *.* TO repl');
    await replicate(source, replica);
    await source.sql('CREATE DATABASE d', 'CREATE TABLE d.t (a INT)');
    observing = await createConnection({ user: 'root', socketPath: await socketOf(replica) });
    const observer = new CounterObserver(observing);
    let asked = 0;
    const rows = async () => {
      asked++;
      const [found] = await observing!.query(
        "SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'd'",
      );
      return Number((found as { n: number }[])[0]?.n);
    };
    while ((await rows()) < 1) await sleep(100);
    await observer.calibrate();
    const gains = await observer.gains(async () => {
      asked = 0;
      await source.sql(
        ...Array.from({ length: INSERTS }, (_, i) => `INSERT INTO d.t VALUES (${i})`),
        'CREATE TABLE d.last (a INT)',
      );
      while ((await rows()) < 2) await sleep(100);
    });
    expect(gains['Questions']).toBe(asked);
    expect(gains['Connections']).toBeUndefined();
    expect(gains['Com_insert']).toBe(INSERTS);
    // Each statement or group of rows, and what stands around it.
    expect(gains['Queries']).toBeGreaterThan(asked + INSERTS);
  });
});
