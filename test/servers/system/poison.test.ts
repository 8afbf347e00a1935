import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import { betweenTopic, stateTopic, TOPIC } from '../../../schemas/topics.ts';
import { parseLines } from '../../support/cli.ts';
import { type NumberedStatement, writeNumberedWorkload } from '../../support/numbered-workload.ts';
import { okPayload, packet, WireCapture } from '../../support/wire-capture.ts';
import { Fleet } from './fleet.ts';
import { compareWithTruth, unbalancedEntries } from './ground-truth.ts';

const STATEMENTS = 4_000;
const LONG_BYTES = 60 * 1024 * 1024;
const NUMBERED = "SELECT uniqExact(affected_rows) FROM audit_events WHERE command IN ('query', 'execute')";
/** Stages that run apart, so that there are topics between them too. */
const GROUPINGS = ['decode', 'mask', 'store'];
/** Topics whose records a stage reads. */
const READ = [TOPIC.messages, betweenTopic('decode'), TOPIC.audit, TOPIC.ledger];
const POISONED = [
  ...READ,
  TOPIC.sessions,
  TOPIC.findings,
  TOPIC.deadLetter,
  ...GROUPINGS.map((stage) => stateTopic(`sqltrail.${stage}`)),
];
const POISONS: readonly (readonly [string, Buffer])[] = [
  ['garbage', Buffer.from('00ff10a5b7c3d2e1f0998877665544332211', 'hex')],
  ['a text that is none of ours', Buffer.from('hello, world\n{"kind":"count"}\n[1,2,3]\n')],
  ['a future version', Buffer.concat([Buffer.from('SQT9'), Buffer.alloc(40, 7)])],
  ['nothing', Buffer.alloc(0)],
];

let fleet: Fleet;
let bus: KafkaBus;
let truth: NumberedStatement[];

beforeAll(async () => {
  fleet = await Fleet.start(3, GROUPINGS);
  bus = new KafkaBus({ kafka: { brokers: fleet.kafka.brokers, clientId: 'poisoner' } });
  truth = await writeNumberedWorkload(join(fleet.folder, 'workload.pcap'), STATEMENTS, 12);
});
afterAll(async () => {
  await bus?.close();
  await fleet?.stop();
});

describe('poison on every topic', () => {
  it('stops nothing: every statement before, between and behind it is there once', async () => {
    await poisonAll();
    for (const stage of GROUPINGS) fleet.serve(stage, 'process', '--stages', stage);
    await ship('workload.pcap');
    await fleet.until(NUMBERED, STATEMENTS);
    await poisonAll();
    await truncatedBatch();
    for (const service of fleet.services.values()) service.kill();
    await poisonAll();
    const last = await writeNumberedWorkload(join(fleet.folder, 'more.pcap'), 10, 2, STATEMENTS);
    await ship('more.pcap', 'db2');
    await fleet.until(NUMBERED, STATEMENTS + last.length);
    expect(await compareWithTruth(fleet, [...truth, ...last])).toEqual({ missing: [], doubled: [], wrong: [] });
    for (const [name, service] of fleet.services) expect([name, service.starts]).toEqual([name, 2]);
  });

  it('is a dead letter and a line of the ledger each time', async () => {
    // An empty record is a record without lines: only where no lines are expected is that none.
    const round = (topic: string) => (topic === TOPIC.messages ? POISONS.length : POISONS.length - 1);
    const counted = READ.filter((topic) => topic !== TOPIC.ledger).reduce((sum, topic) => sum + round(topic) * 3, 1);
    await fleet.until("SELECT sum(lost['dead_letter']) FROM ledger_entries WHERE unit = 'records'", counted);
    const letters = parseLines(await fleet.run('deadletter', 'list', '--format', 'ndjson'));
    const records = new Set(letters.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`));
    expect([...records].filter((record) => READ.some((topic) => record.startsWith(`${topic}/`))).length).toBe(
      counted + round(TOPIC.ledger) * 3,
    );
    expect(await unbalancedEntries(fleet)).toEqual([]);
  });
});

describe('a statement of 60 MiB', () => {
  it.each([
    [
      'a literal',
      Buffer.from("INSERT INTO blobs VALUES ('"),
      Buffer.from("')"),
      'INSERT INTO blobs VALUES (?)',
      300_001,
    ],
    ['names', Buffer.from('SELECT '), Buffer.from(' FROM t'), null, 300_002],
  ] as const)('made of %s passes every topic whole', async (what, head, tail, masked, number) => {
    const filler = Buffer.alloc(LONG_BYTES - head.length - tail.length, what === 'names' ? 'abc,' : 'x');
    if (what === 'names') filler.write('a', filler.length - 1);
    const sql = Buffer.concat([head, filler, tail]);
    await writeLong(join(fleet.folder, `${number}.pcap`), sql, number);
    await ship(`${number}.pcap`, `db-${number}`);
    await fleet.until(`SELECT count() FROM audit_events WHERE affected_rows = ${number}`, 1, 240_000);
    const [row] = await fleet.clickhouse.rows(
      `SELECT statement_bytes, completeness, status, length(statement_masked) AS masked_bytes, substring(statement_masked, 1, 60) AS begin FROM audit WHERE affected_rows = ${number}`,
    );
    expect(row).toMatchObject({ completeness: 'complete', status: 'ok' });
    expect(Number(row!['statement_bytes'])).toBe(LONG_BYTES);
    if (masked !== null) expect(row!['begin']).toBe(masked);
    else expect(Number(row!['masked_bytes'])).toBeGreaterThan(1_000_000);
    expect(await unbalancedEntries(fleet)).toEqual([]);
  });
});

async function ship(file: string, serverId = 'db1'): Promise<void> {
  await fleet.run('edge', '--read', join(fleet.folder, file), '--server-id', serverId);
}

async function poisonAll(): Promise<void> {
  for (const topic of POISONED) {
    // Findings have one partition only.
    const partitions = topic === TOPIC.findings ? 1 : 3;
    for (const [i, [, value]] of POISONS.entries())
      await bus.send(topic, [
        {
          partition: i % partitions,
          key: topic.includes('.state.') || topic === TOPIC.sessions ? `poison ${i}` : null,
          value,
        },
      ]);
  }
}

/** The first half of a batch that was sent whole before. */
async function truncatedBatch(): Promise<void> {
  for await (const records of bus.read(TOPIC.messages, 0)) {
    const batch = records.find(({ value }) => value !== null && value.length > 10_000);
    if (batch?.value == null) continue;
    await bus.send(TOPIC.messages, [
      { partition: 0, key: null, value: batch.value.subarray(0, batch.value.length - 77) },
    ]);
    return;
  }
  throw new Error('There is no batch to cut.');
}

/** A connection with one query of any length, in packets of 16 MiB and segments of 60,000 bytes. */
async function writeLong(path: string, sql: Buffer, number: number): Promise<void> {
  const capture = new WireCapture(path);
  let timeUs = 1_767_300_000_000_000;
  const peer = capture.connect(number % 10_000, number, timeUs);
  const message = Buffer.concat([Buffer.from([3]), sql]);
  const packets: Buffer[] = [];
  for (let at = 0, id = 0; at <= message.length; at += 0xffffff, id++)
    packets.push(packet(message.subarray(at, at + 0xffffff), id));
  const bytes = Buffer.concat(packets);
  for (let at = 0; at < bytes.length; at += 60_000) {
    timeUs += 10;
    capture.client(peer, bytes.subarray(at, at + 60_000), timeUs);
    await capture.ready();
  }
  capture.server(peer, packet(okPayload(number), packets.length), timeUs + 100);
  capture.disconnect(peer, timeUs + 200);
  await capture.end();
}
