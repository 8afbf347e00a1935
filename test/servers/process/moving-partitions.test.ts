import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import { type LedgerEntry, LOSS_REASONS } from '../../../schemas/ledger.ts';
import { readLedgerRecord } from '../../../schemas/ledger-record.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { runCli } from '../../support/cli.ts';
import { KafkaServer } from '../../support/kafka.ts';
import { writeNumberedWorkload } from '../../support/numbered-workload.ts';
import { Service } from '../../support/service.ts';

const STATEMENTS = 60_000;
const PARTITIONS = 6;
const KILLS = 10;
const STALL_MS = 120_000;

let folder: string;
let capture: string;
/** Lines of `sqltrail run` by event id. */
let truth: ReadonlyMap<string, string>;
let kafka: KafkaServer;
let services: Service[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sqltrail-process-'));
  capture = join(folder, 'workload.pcap');
  await writeNumberedWorkload(capture, STATEMENTS, 24);
  const run = ['run', '--read', capture, '--store', 'none', '--format', 'ndjson', '--server-id', 'db1'];
  truth = byId((await runCli(run)).stdout.split('\n'));
});
afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()));
  services = [];
  await kafka?.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('processors that share a topic', () => {
  it('lose nothing and forget no prepared statement while one becomes three and three become two', async () => {
    const bus = await start();
    const first = serve('processor 1');
    const edge = serve('edge', 'edge', '--read', capture, '--server-id', 'db1');
    await progress(bus, 2_000);
    const second = serve('processor 2');
    serve('processor 3');
    await progress(bus, 20_000);
    expect(await first.stop()).toBe(0);
    await edge.done();
    await expectTruth(bus);
    expect(await second.stop()).toBe(0);
    await bus.close();
  });

  it('are killed at any moment and come back to the same result', async () => {
    const bus = await start();
    const processors = [serve('processor 1'), serve('processor 2')];
    const edge = serve('edge', 'edge', '--read', capture, '--server-id', 'db1');
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(500 + ((kill * 733) % 2_000));
      processors[kill % 2]!.kill();
    }
    await edge.done();
    await expectTruth(bus);
    await bus.close();
  });
});

async function start(): Promise<KafkaBus> {
  kafka = await KafkaServer.start();
  const { code, stderr } = await runCli(['topics', 'apply'], { environment: environment() });
  expect(code, stderr).toBe(0);
  return new KafkaBus({ kafka: { brokers: kafka.brokers, clientId: 'test' } });
}

function environment(): Record<string, string> {
  return {
    KAFKA_BROKERS: kafka.brokers.join(','),
    SQLTRAIL_HTTP__PORT: '0',
    SQLTRAIL_TOPICS__PARTITIONS: String(PARTITIONS),
    SQLTRAIL_TOPICS__REPLICATION_FACTOR: '1',
  };
}

function serve(name: string, ...args: readonly string[]): Service {
  const given = args.length > 0 ? args : ['process', '--stages', 'decode,mask'];
  const service = new Service({ name, args: given, environment: environment() });
  services.push(service);
  return service;
}

/** Resolves when so many different events are on the topic. */
async function progress(bus: KafkaBus, wanted: number): Promise<ReadonlyMap<string, string>> {
  let events = new Map<string, string>();
  let since = Date.now();
  while (Date.now() - since < STALL_MS) {
    const now = byId(await lines(bus, TOPIC.audit));
    if (now.size > events.size) since = Date.now();
    events = now;
    if (events.size >= wanted) return events;
    await sleep(1_000);
  }
  const words = services.map(({ name, stderr }) => `${name}: ${stderr.slice(-2_000)}`).join('\n');
  throw new Error(`stuck at ${events.size} of ${wanted} events\n${words}`);
}

async function expectTruth(bus: KafkaBus): Promise<void> {
  const events = await progress(bus, truth.size);
  // Not by `toEqual`: a difference in 60,000 lines would be no message.
  const wrong = [...events].filter(([id, line]) => truth.get(id) !== line);
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(events.size).toBe(truth.size);
  // The last cycle publishes after the events.
  await sleep(3_000);
  const entries = await ledger(bus);
  for (const entry of entries) {
    const lost = LOSS_REASONS.reduce((sum, reason) => sum + (entry.lost[reason] ?? 0), 0);
    expect(entry.takenIn).toBe(entry.passedOn + entry.open + lost);
  }
  for (const stage of ['decode', 'mask']) {
    const ofStage = entries.filter((entry) => entry.stage === stage && entry.unit === 'events');
    expect([stage, ofStage.reduce((sum, { passedOn }) => sum + passedOn, 0)]).toEqual([stage, truth.size]);
  }
}

async function lines(bus: KafkaBus, topic: string): Promise<string[]> {
  const all: string[] = [];
  for (let partition = 0; partition < (await bus.partitions(topic)); partition++) {
    for await (const records of bus.read(topic, partition))
      for (const { value } of records) all.push(...value!.toString().split('\n'));
  }
  return all;
}

/** The same id must have the same line wherever it comes again. */
function byId(all: readonly string[]): Map<string, string> {
  const events = new Map<string, string>();
  for (const line of all) {
    if (line === '') continue;
    const { event_id } = JSON.parse(line);
    const known = events.get(event_id);
    if (known !== undefined && known !== line) throw new Error(`Event ${event_id} is there in two ways.`);
    events.set(event_id, line);
  }
  return events;
}

async function ledger(bus: KafkaBus): Promise<LedgerEntry[]> {
  const entries = new Map<string, LedgerEntry>();
  for (const line of await lines(bus, TOPIC.ledger)) {
    const take = (entry: LedgerEntry) => {
      const key = `${entry.stage}/${entry.origin}/${entry.ordinal}`;
      if ((entries.get(key)?.version ?? -1) <= entry.version) entries.set(key, entry);
    };
    if (line !== '') readLedgerRecord(Buffer.from(line), { entry: take, loss: () => {}, bad: () => {} });
  }
  return [...entries.values()].filter(({ stage }) => stage !== 'edge');
}
