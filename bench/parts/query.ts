/**
 * What an analyst's question costs, and what of it users who became known late: saved investigations over a new embedded store of
 * synthetic events, 1 connection in 50 of them named by a process list only afterwards, on the view `audit` and, with the same SQL, on
 * the view that shows facts as captured. `npx tsx bench/parts/query.ts [EVENTS]` prints CPU time (all threads) of both, medians of
 * nine runs in turn.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindParameters } from '../../cli/query/bind-parameters.ts';
import { findInvestigation, readInvestigations } from '../../cli/query/investigation.ts';
import { AuditStore } from '../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../processors/store/clickhouse-client.ts';
import { AuditEvent, type ConnectionFacts } from '../../schemas/audit-event.ts';
import { NO_END_US } from '../../schemas/connection-identity.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import type { Statement } from '../../schemas/statement.ts';

const EVENTS = Number(process.argv[2] ?? 1_000_000);
const RUNS = 9;
const VIEWS = ['audit', 'as_captured'];
const CONNECTIONS = 1_000;
const USERS = 20;
/** One connection in so many is older than the capture. */
const OLD_EVERY = 50;
const START_US = 1_767_225_600_000_000;
const HOURS = 6;
const SPAN_US = HOURS * 3_600_000_000;

const connections: ConnectionFacts[] = Array.from({ length: CONNECTIONS }, (_, i) => ({
  uid: (i + 1).toString(16).padStart(4, '0').repeat(8),
  serverId: '10.0.0.1:3306',
  clientAddress: `10.0.1.${i % 50}`,
  clientPort: 30_000 + i,
  serverAddress: '10.0.0.1',
  serverPort: 3306,
}));
const statements: Statement[] = Array.from({ length: 200 }, (_, i) => ({
  digest: (i + 1).toString(16).padStart(2, '0').repeat(16),
  masked: `SELECT c FROM sbtest${i} WHERE id = ?`,
  kind: 'select',
  tables: [`sbtest${i}`],
  parse: 'parsed',
}));

function userOf(connection: number): string {
  return `user${connection % USERS}`;
}

function makeEvent(i: number): AuditEvent {
  const connection = i % CONNECTIONS;
  const isOld = connection % OLD_EVERY === 0;
  const event = new AuditEvent(connections[connection]!);
  event.timeUs = START_US + Math.floor((i * SPAN_US) / EVENTS);
  event.sequence = Math.floor(i / CONNECTIONS);
  event.connectionId = 100 + connection;
  event.userName = isOld ? '' : userOf(connection);
  event.userNameSource = isOld ? 'unknown' : 'handshake';
  event.databaseName = isOld ? '' : 'shop';
  event.command = 'query';
  event.statement = statements[(i * 7) % statements.length]!;
  event.statementBytes = 34;
  event.status = 'ok';
  event.returnedRows = i % 3;
  event.durationUs = 90 + ((i * 7919) % 1000);
  return event;
}

async function fill(directory: string): Promise<void> {
  const store = await AuditStore.open({ kind: 'embedded', directory });
  for (let i = 0; i < EVENTS; i++) {
    store.add(makeEvent(i));
    if (i % 1000 === 0) await (store.ready() ?? new Promise((resolve) => setImmediate(resolve)));
  }
  for (let i = 0; i < CONNECTIONS; i += OLD_EVERY) {
    const { uid, serverId } = connections[i]!;
    store.addIdentity({
      connectionUid: uid,
      serverId,
      userName: userOf(i),
      userUntilUs: NO_END_US,
      databaseName: 'shop',
      databaseUntilUs: NO_END_US,
      connectionId: 100 + i,
      clientProgram: 'java',
      firstUs: START_US,
      lastUs: START_US + SPAN_US,
      knownUs: START_US + SPAN_US,
      version: START_US + SPAN_US,
    });
  }
  await store.close();
}

const LAST_HOUR = isoTime(START_US + SPAN_US - 3_600_000_000);
const CASES: readonly (readonly [name: string, given: Readonly<Record<string, string>>])[] = [
  ['who-ran-what', { user: 'user1' }],
  ['who-ran-what', { user: 'user1', since: LAST_HOUR }],
  ['who-ran-what', {}],
  ['overview', {}],
  ['frequent-digests', {}],
  ['frequent-digests', { user: 'user1' }],
  ['session', { connection: connections[7]!.uid }],
];

const directory = mkdtempSync(join(tmpdir(), 'sqltrail-bench-'));
await fill(directory);
const client = await ClickhouseClient.open({ kind: 'embedded', directory }, 'write');
const asCaptured = readFileSync('sql/migrations/0003_audit_view.sql', 'utf8')
  .replace('VIEW audit AS', 'VIEW as_captured AS')
  .replace('f.user_name AS user_name,', 'f.user_name AS user_name, f.user_name AS user_name_captured,');
await client.command(asCaptured);
const investigations = readInvestigations();
for (const [name, given] of CASES) {
  const investigation = findInvestigation(name, investigations);
  const parameters = bindParameters(investigation, new Map(Object.entries(given)), Date.now());
  const costs = VIEWS.map((): number[] => []);
  for (let run = 0; run < RUNS; run++) {
    for (const [i, view] of VIEWS.entries()) {
      const sql = investigation.sql.replace(/\bFROM audit\b/, `FROM ${view} AS audit`);
      const before = process.cpuUsage();
      for await (const _ of await client.query(sql, parameters, 'JSONEachRow'));
      const { user, system } = process.cpuUsage(before);
      costs[i]!.push((user + system) / 1000);
    }
  }
  const [late, captured] = costs.map((values) => values.sort((a, b) => a - b)[Math.floor(RUNS / 2)]!);
  const filters = Object.entries(given).map(([filter, value]) => ` --${filter} ${value}`);
  console.log(
    `${name}${filters.join('')}: ${late!.toFixed(0)} ms, as captured ${captured!.toFixed(0)} ms: x${(late! / captured!).toFixed(2)}`,
  );
}
await client.close();
rmSync(directory, { recursive: true, force: true });
