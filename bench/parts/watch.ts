/**
 * What watching costs the pipeline, with a server that is well and with each that is not: the same capture of connections without a login
 * through `sqltrail run --store none` beside servers that only play one, asked every second and in turn, as ratios of a server that is
 * well; and the stage identify alone, by event. Needs `npm run build`. `npx tsx bench/parts/watch.ts [STATEMENTS] [RUNS]`
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Identify } from '../../processors/identify/identify.ts';
import { SessionTable } from '../../processors/identify/session-table.ts';
import { AuditEvent, type ConnectionFacts } from '../../schemas/audit-event.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import { type FakeBehaviour, type FakeSession, startFakeMysql } from '../../test/processors/watch/fake-mysql.ts';
import { buildPcap } from '../../test/support/capture-builder.ts';
import { packet, query } from '../../test/support/conversation.ts';
import { frame } from '../../test/support/segment-builder.ts';

const STATEMENTS = Number(process.argv[2] ?? 600_000);
const RUNS = Number(process.argv[3] ?? 3);
const OLD = 20;
const START_US = Date.now() * 1000;
const PCAP_HEADER_BYTES = 24;
const OK = packet(1, '00 00 00 0200 0000');
const directory = mkdtempSync(join(tmpdir(), 'sqltrail-bench-'));

async function writeCapture(path: string): Promise<void> {
  const out = createWriteStream(path);
  for (let first = 0; first < STATEMENTS; first += 10_000) {
    const packets = Array.from({ length: 20_000 }, (_, i) => {
      const n = first + (i >> 1);
      const turn = Math.floor(n / OLD);
      const request = query(`SELECT c FROM sbtest1 WHERE id=${String(n).padStart(8, '0')}`);
      const seqs = { client: 1 + turn * request.length, server: 1 + turn * OK.length };
      const fromClient = i % 2 === 0;
      const data = fromClient ? request : OK;
      const seq = fromClient ? seqs.client : seqs.server;
      const ack = fromClient ? seqs.server : seqs.client + request.length;
      const ports = { clientAddress: '10.0.0.7', clientPort: 40_000 + (n % OLD) };
      return { bytes: frame({ ...ports, fromClient, seq, ack, data }), time: BigInt(START_US + first * 20 + i * 10) };
    });
    const bytes = buildPcap(packets);
    if (!out.write(first === 0 ? bytes : bytes.subarray(PCAP_HEADER_BYTES)))
      await new Promise<void>((resolve) => out.once('drain', () => resolve()));
  }
  await new Promise<void>((resolve) => out.end(() => resolve()));
}

const own: FakeSession[] = Array.from({ length: OLD }, (_, i) => [
  100 + i,
  `user${i}`,
  `10.0.0.7:${40_000 + i}`,
  'shop',
  90,
]);
const crowd = Array.from(
  { length: 10_000 },
  (_, i): FakeSession => [1_000 + i, `u${i % 9}`, `10.1.${i >> 8}.${i & 255}:${30_000 + (i % 20_000)}`, null, 1],
);
const garbage = own.map((row): FakeSession => [row[0], `\u0000\u001b[2J'"😀${row[1]}`, row[2], row[3], row[4]]);
const CASES: readonly (readonly [name: string, behaviour: Partial<FakeBehaviour> | null, isDown?: boolean])[] = [
  ['nobody is asked', null],
  ['a server that is well', { sessions: own }],
  ['is down', {}, true],
  ['takes 30 s for an answer', { delayMs: 30_000 }],
  ['refuses the login', { refusesLogin: true }],
  ['has 10,000 sessions', { sessions: [...crowd, ...own] }],
  ['has garbage for names', { sessions: garbage }],
];

async function runBeside(capture: string, behaviour: Partial<FakeBehaviour> | null, isDown: boolean) {
  const fake = await startFakeMysql(behaviour ?? {});
  const server = {
    id: 'db7',
    host: '127.0.0.1',
    port: isDown ? 1 : fake.port,
    user: 'u',
    addresses: ['10.0.0.2:3306'],
  };
  const config = join(directory, 'config.json');
  writeFileSync(config, JSON.stringify({ watch: { interval_s: 1, servers: behaviour === null ? [] : [server] } }));
  const started = performance.now();
  const args = ['dist/cli/main.js', 'run', '--read', '-', '--store', 'none', '--format', 'none', '--config', config];
  const child = spawn(process.execPath, ['--import', './bench/usage.mjs', ...args], {
    stdio: [openSync(capture, 'r'), 'ignore', 'ignore', 'pipe'],
  });
  let usage = '';
  child.stdio[3]!.on('data', (chunk: Buffer) => {
    usage += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`The run ended with ${code}.`);
  await fake.close();
  return { seconds: (performance.now() - started) / 1000, cpu: Number(JSON.parse(usage).cpuSeconds) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const capture = join(directory, 'old.pcap');
await writeCapture(capture);
const measured = CASES.map((): { seconds: number; cpu: number }[] => []);
for (let run = 0; run < RUNS; run++) {
  for (const [i, [, behaviour, isDown]] of CASES.entries())
    measured[i]!.push(await runBeside(capture, behaviour, isDown ?? false));
}
const well = measured[1]!;
const base = { seconds: median(well.map((m) => m.seconds)), cpu: median(well.map((m) => m.cpu)) };
for (const [i, [name]] of CASES.entries()) {
  const seconds = median(measured[i]!.map((m) => m.seconds));
  const cpu = median(measured[i]!.map((m) => m.cpu));
  console.log(
    `run, ${name}: ${Math.round(STATEMENTS / seconds)} statements/s (x${(base.seconds / seconds).toFixed(2)}), ${((cpu * 1e6) / STATEMENTS).toFixed(2)} µs of CPU (x${(cpu / base.cpu).toFixed(2)})`,
  );
}
rmSync(directory, { recursive: true, force: true });

/** @param sessionsOnPort Others from the same port of other hosts. */
function identifyNs(isAnswering: boolean, sessions: number, sessionsOnPort: number): number {
  const table = new SessionTable();
  const add = (id: number, address: string, port: number) => {
    const at = isoTime(START_US - 60e6);
    table.addSession({
      ...{ kind: 'session', server_id: 'db7', connection_id: id, user_name: `user${id % 20}`, database_name: 'shop' },
      ...{ client_host: address, client_addresses: [address], client_port: port, client_program: '', client_pid: '' },
      ...{ since: at, idle_since: at, user_since: at, database_since: at },
    });
  };
  const end = (atUs: number) => {
    const times = { started: isoTime(START_US - 9e9), asked: isoTime(atUs), answered: isoTime(atUs + 1000) };
    table.endReading({
      kind: 'server',
      server_id: 'db7',
      addresses: ['10.0.0.2:3306'],
      port: 3306,
      ...times,
      sessions: 0,
    });
  };
  if (isAnswering) {
    for (let i = 0; i < sessions; i++) add(1 + i, '10.0.0.7', 30_000 + i);
    for (let i = 0; i < sessionsOnPort; i++) add(50_000 + i, `10.9.${i >> 8}.${i & 255}`, 30_000);
    end(START_US + 5e6);
  }
  const identify = new Identify({ table, onIdentity: () => {} });
  const connections = Array.from(
    { length: sessionsOnPort > 0 ? 1 : 1000 },
    (_, i): ConnectionFacts => ({
      uid: i.toString(16).padStart(32, '0'),
      serverId: '10.0.0.2:3306',
      clientAddress: sessionsOnPort > 0 ? '10.0.0.8' : '10.0.0.7',
      clientPort: 30_000 + i,
      serverAddress: '10.0.0.2',
      serverPort: 3306,
    }),
  );
  const count = sessionsOnPort > 0 ? 20_000 : 1_000_000;
  const events = connections.map((connection) => Object.assign(new AuditEvent(connection), { command: 'query' }));
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const event = events[i % events.length]!;
    Object.assign(event, { userName: '', userNameSource: 'unknown', timeUs: START_US + i * 10, databaseName: 'shop' });
    identify.apply(event);
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / count;
}

const stage = () => [
  identifyNs(true, 1000, 0),
  identifyNs(false, 0, 0),
  identifyNs(true, 11_000, 0),
  identifyNs(true, 0, 10_000),
];
const [good, silent, many, onPort] = Array.from({ length: RUNS }, stage)
  .reduce<number[][]>((all, run) => run.map((ns, i) => [...(all[i] ?? []), ns]), [])
  .map(median);
for (const [name, ns] of [
  ['a server that is well', good],
  ['one that never answered', silent],
  ['10,000 sessions more', many],
  ['10,000 sessions of other hosts on the same port', onPort],
] as const)
  console.log(`identify, ${name}: ${ns!.toFixed(0)} ns of CPU an event without a login (x${(ns! / good!).toFixed(2)})`);
