/**
 * How fast the store takes decoded events, alone: synthetic events of 16 connections and 50 statements, written to a new
 * embedded store, or over HTTP to the same engine in another process. `npx tsx bench/parts/store.ts [EVENTS] [embedded|http]`
 * prints rows per second, this process's share, the peak RSS, and what it takes to sum up the rollups.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditStore } from '../../processors/store/audit-store.ts';
import { clusterSql } from '../../processors/store/cluster-sql.ts';
import { migrateStore } from '../../processors/store/migrate-store.ts';
import type { StoreTarget } from '../../processors/store/store-target.ts';
import { AuditEvent, type ConnectionFacts } from '../../schemas/audit-event.ts';
import type { Statement } from '../../schemas/statement.ts';
import { type ClickhouseServer, startClickhouse } from '../../test/support/clickhouse.ts';

const EVENTS = Number(process.argv[2] ?? 2_000_000);
const START_US = 1_767_225_600_000_000;

const connections: ConnectionFacts[] = Array.from({ length: 16 }, (_, i) => ({
  uid: (i + 1).toString(16).padStart(2, '0').repeat(16),
  serverId: '10.0.0.1:3306',
  clientAddress: `10.0.1.${i % 5}`,
  clientPort: 40_000 + i,
  serverAddress: '10.0.0.1',
  serverPort: 3306,
}));
const statements: Statement[] = Array.from({ length: 50 }, (_, i) => ({
  digest: (i + 1).toString(16).padStart(2, '0').repeat(16),
  masked: `SELECT c FROM sbtest${i} WHERE id = ?`,
  kind: 'select',
  tables: [`sbtest${i}`],
  parse: 'parsed',
}));

function makeEvent(i: number): AuditEvent {
  const event = new AuditEvent(connections[i % 16]!);
  event.timeUs = START_US + i * 15;
  event.sequence = Math.floor(i / 16);
  event.connectionId = 100 + (i % 16);
  event.serverVersion = '10.11.6-MariaDB';
  event.userName = `app${i % 3}`;
  event.userNameSource = 'handshake';
  event.databaseName = 'shop';
  event.clientProgram = 'mysql';
  event.command = 'query';
  event.statement = statements[(i * 7) % 50]!;
  event.statementBytes = 34;
  event.status = 'ok';
  event.returnedRows = i % 3;
  event.requestBytes = 39;
  event.responseBytes = 180 + (i % 100);
  event.durationUs = 90 + ((i * 7919) % 1000);
  event.firstRowUs = 80 + ((i * 7919) % 900);
  return event;
}

const directory = mkdtempSync(join(tmpdir(), 'sqltrail-bench-'));
let server: ClickhouseServer | null = null;
let target: StoreTarget = { kind: 'embedded', directory };
if (process.argv[3] === 'http') {
  server = await startClickhouse();
  target = { kind: 'server', url: server.url, user: server.user, password: server.password };
  const plan = { substitute: clusterSql({}), layout: {}, retention: {}, roles: null, isDryRun: false };
  await migrateStore(target, plan, null);
}
const store = await AuditStore.open(target);
// Made beforehand and reused, so that the decoder's own garbage is not measured.
const events = Array.from({ length: 200_000 }, (_, i) => makeEvent(i));
const started = performance.now();
const cpuBefore = process.cpuUsage();
let addMs = 0;
let waitMs = 0;
let peakRss = 0;
for (let i = 0; i < EVENTS; i += 1000) {
  const before = performance.now();
  const end = Math.min(EVENTS, i + 1000);
  for (let j = i; j < end; j++) {
    const event = events[j % events.length]!;
    event.timeUs = START_US + j * 15;
    event.sequence = j >>> 4;
    store.add(event);
  }
  const after = performance.now();
  addMs += after - before;
  const ready = store.ready();
  if (ready !== null) {
    await ready;
    waitMs += performance.now() - after;
  } else if (i % 10_000 === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
}
await store.flush();
const elapsedMs = performance.now() - started;
const cpu = process.cpuUsage(cpuBefore);
console.log(
  `${Math.round((EVENTS / elapsedMs) * 1000)} rows/s over ${EVENTS} rows (${store.counters.batches} batches)`,
);
console.log(
  `${((addMs * 1000) / EVENTS).toFixed(2)} µs per event in add(), ${Math.round(waitMs)} ms waited for back-pressure`,
);
console.log(`${((cpu.user + cpu.system) / EVENTS).toFixed(2)} µs CPU per event, all threads of this process`);
console.log(
  `${(store.counters.bytes / EVENTS).toFixed(0)} bytes per row sent, peak RSS ${Math.round(peakRss / 2 ** 20)} MiB`,
);
const summing = performance.now();
const minutes = await store.updateRollups();
console.log(`${Math.round(performance.now() - summing)} ms to sum up ${minutes} minutes`);
await store.close();
await server?.stop();
rmSync(directory, { recursive: true, force: true });
