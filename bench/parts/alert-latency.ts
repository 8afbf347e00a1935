import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import type { Alert } from '../../schemas/alert.ts';
import { type RunningCli, runCli, startCli } from '../../test/support/cli.ts';
import { brokersForTest } from '../../test/support/kafka.ts';
import { MariaDb } from '../../test/support/mariadb.ts';
import { prepareSysbench, runSysbench } from '../../test/support/sysbench.ts';

/**
 * From packet to webhook: a MariaDB under a steady load of point selects, an edge that captures it on loopback, a process of
 * decode to detect, a process of alert, a real Kafka. Every half second an account that has done nothing before runs one
 * injected statement; the time from just before its first byte is sent until the webhook has its alert. All of it, load and
 * servers included, shares the machine. Prints one JSON object.
 *
 *   node --import tsx bench/parts/alert-latency.ts [STATEMENTS_A_SECOND] [ATTACKS]
 */
const [PER_SECOND = 10_000, ATTACKS = 100] = process.argv.slice(2).map(Number);
const EVERY_MS = 500;
const WARM_UP_MS = 5_000;
const LAST_WAIT_MS = 30_000;
const PASSWORD = 'attacker-pass';
const INJECTED =
  "SELECT c FROM sbtest1 WHERE id = '-1' UNION ALL SELECT table_name FROM information_schema.tables -- '";

const kafka = await brokersForTest();
const server = await MariaDb.start();
const folder = mkdtempSync(join(tmpdir(), 'sqltrail-bench-'));
const running: RunningCli[] = [];
const arrived = new Map<string, number>();
const webhook = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const alert = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Alert;
    if (!arrived.has(alert.user_name)) arrived.set(alert.user_name, performance.now());
    response.writeHead(204).end();
  });
}).listen(0, '127.0.0.1');
await once(webhook, 'listening');
try {
  await prepareSysbench(server);
  const accounts = Array.from({ length: ATTACKS }, (_, i) => `attacker${i}`);
  for (const name of accounts)
    await server.sql(`CREATE USER ${name} IDENTIFIED BY '${PASSWORD}'`, `GRANT SELECT ON sbtest.* TO ${name}`);
  const config = join(folder, 'config.yml');
  const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`;
  const settings = {
    kafka: { brokers: kafka.brokers },
    topics: { partitions: 4, replication_factor: 1 },
    http: { port: 0 },
    alerts: { throttle_per_minute: 10_000, sinks: [{ name: 'bench', kind: 'webhook', url }] },
  };
  writeFileSync(config, JSON.stringify(settings));
  const applied = await runCli(['topics', 'apply', '--config', config]);
  if (applied.code !== 0) throw new Error(applied.stderr);
  await start('The stages are running.', 'process', '--config', config);
  await start('The stages are running.', 'process', '--stages', 'alert', '--config', config);
  await start('capturing on lo', 'edge', '-i', 'lo', '--port', String(server.port), '--config', config);
  const seconds = (WARM_UP_MS + ATTACKS * EVERY_MS) / 1000 + 2;
  const began = performance.now();
  let loadSeconds = 0;
  const load = runSysbench(server, {
    script: 'oltp_point_select',
    preparedStatements: 'disable',
    events: Math.round(PER_SECOND * seconds),
    threads: 8,
    eventsPerSecond: PER_SECOND,
  }).then(() => {
    loadSeconds = (performance.now() - began) / 1000;
  });
  await sleep(WARM_UP_MS);
  const sent = new Map<string, number>();
  for (const user of accounts) {
    const connection = await mysql.createConnection({
      host: server.host,
      port: server.port,
      user,
      password: PASSWORD,
      database: 'sbtest',
    });
    const next = sleep(EVERY_MS);
    sent.set(user, performance.now());
    await connection.query(INJECTED).catch(() => {});
    await connection.end();
    await next;
  }
  await load;
  for (let waitedMs = 0; waitedMs < LAST_WAIT_MS && arrived.size < sent.size; waitedMs += 100) await sleep(100);
  const latencies = [...sent].flatMap(([user, atMs]) => {
    const gotMs = arrived.get(user);
    return gotMs === undefined ? [] : [gotMs - atMs];
  });
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN);
  const result = {
    statementsPerSecond: PER_SECOND,
    achievedPerSecond: Math.round((PER_SECOND * seconds) / loadSeconds),
    attacks: sent.size,
    alerted: latencies.length,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    longestMs: at(1),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  for (const each of running) each.process.kill('SIGTERM');
  await Promise.all(running.map((each) => each.outcome));
  rmSync(folder, { recursive: true, force: true });
  webhook.closeAllConnections();
  webhook.close();
  await server.stop();
  await kafka.stop();
}

async function start(words: string, ...args: readonly string[]): Promise<void> {
  const cli = startCli(args);
  running.push(cli);
  await cli.said(words);
}
