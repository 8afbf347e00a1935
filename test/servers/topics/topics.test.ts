import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaAdmin } from '../../../bus/kafka-admin.ts';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import type { DeadLetterRow } from '../../../schemas/dead-letter-schema.ts';
import { MESSAGE_KIND } from '../../../schemas/message-batch.ts';
import { MessageBatchWriter } from '../../../schemas/message-batch-writer.ts';
import { betweenTopic, stateTopic, TOPIC } from '../../../schemas/topics.ts';
import { type Outcome, parseLines, runCli, startCli } from '../../support/cli.ts';
import { connectionPayload } from '../../support/connection-payload.ts';
import { KafkaServer } from '../../support/kafka.ts';

const SECRET = "hunter2'; DROP TABLE";
const STAGES = ['--stages', 'decode', '--stages', 'mask', '--stages', 'store'];
const TOPICS = [
  ...Object.values(TOPIC),
  betweenTopic('decode'),
  ...['decode', 'mask', 'store'].map((stage) => stateTopic(`sqltrail.${stage}`)),
];

let server: KafkaServer;
let admin: KafkaAdmin;
let bus: KafkaBus;

beforeAll(async () => {
  server = await KafkaServer.start();
  const kafka = { brokers: server.brokers, clientId: 'sqltrail-test' };
  admin = await KafkaAdmin.connect(kafka);
  bus = new KafkaBus({ kafka });
});
afterAll(async () => {
  await bus?.close();
  await admin?.close();
  await server?.stop();
});

/** The command line against the broker, with settings as the environment gives them. */
function sqltrail(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const environment = { SQLTRAIL_TOPICS__REPLICATION_FACTOR: '1', SQLTRAIL_TOPICS__PARTITIONS: '4', ...settings };
  const wrapper = ['env', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)];
  return runCli([...args, '--brokers', server.brokers.join(',')], { wrapper });
}

const send = (topic: string, value: string | Buffer, key: string | null = null) =>
  bus.send(topic, [{ partition: 0, key, value: Buffer.from(value) }]);

async function valuesOf(topic: string): Promise<Buffer[]> {
  const values: Buffer[] = [];
  for await (const records of bus.read(topic, 0))
    for (const { value } of records) if (value !== null) values.push(value);
  return values;
}

function batch(): Buffer {
  const writer = new MessageBatchWriter({ edgeId: 'edge-1', runUs: 1, serverId: 'db-1' }, 256 * 1024);
  const connection = writer.announce(
    connectionPayload(Buffer.alloc(16, 1), new Uint32Array(4), 1, new Uint32Array(4), 2),
    0,
  );
  const command = Buffer.from(`\x03SELECT '${SECRET}'`);
  writer.add(MESSAGE_KIND.command, 0, connection, 1, 1, command.length, command, 0, command.length);
  return writer.take();
}

const letter = (row: Partial<DeadLetterRow>): string =>
  JSON.stringify({
    time: '2026-01-31T12:00:00.000000Z',
    stage: 'decode',
    reason: 'unreadable',
    error_code: 'x',
    topic: TOPIC.messages,
    partition: 0,
    offset: 0,
    bytes: 1,
    ...row,
  });

describe('topics apply', () => {
  it('shows the plan in a dry run, and makes nothing', async () => {
    const { code, stdout } = await sqltrail(['topics', 'apply', '--dry-run', ...STAGES]);
    expect([code, stdout.match(/^create/gm)?.length]).toEqual([0, TOPICS.length]);
    expect((await admin.describe(TOPICS)).size).toBe(0);
  });

  it('refuses more replicas than there are brokers, and says so', async () => {
    const { code, stderr } = await sqltrail(['topics', 'apply'], { SQLTRAIL_TOPICS__REPLICATION_FACTOR: '3' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('only 1 broker is up')]);
  });

  it('makes all topics with their settings, and has nothing to do the second time', async () => {
    expect((await sqltrail(['topics', 'apply', ...STAGES])).code).toBe(0);
    const found = await admin.describe(TOPICS);
    expect([...found.keys()].sort()).toEqual([...TOPICS].sort());
    expect(found.get(TOPIC.messages)).toMatchObject({ partitions: 4, replicationFactor: 1 });
    expect(found.get(TOPIC.messages)?.settings.get('retention.ms')).toBe(String(24 * 3_600_000));
    expect(found.get(stateTopic('sqltrail.decode'))?.settings.get('cleanup.policy')).toBe('compact');
    const again = await sqltrail(['topics', 'apply', ...STAGES]);
    expect([again.code, again.stdout.match(/^unchanged/gm)?.length]).toEqual([0, TOPICS.length]);
  });

  it('brings back what somebody changed, and leaves what it does not define', async () => {
    await admin.changeSettings(TOPIC.audit, { 'retention.ms': '60000', 'flush.messages': '7' });
    const { code, stdout } = await sqltrail(['topics', 'apply', ...STAGES]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('retention.ms: 60000 → 604800000')]);
    const settings = (await admin.describe([TOPIC.audit])).get(TOPIC.audit)?.settings;
    expect([settings?.get('retention.ms'), settings?.get('flush.messages')]).toEqual(['604800000', '7']);
  });

  it('adds partitions while nothing has been written, and refuses it afterwards with the cure', async () => {
    const six = await sqltrail(['topics', 'apply', ...STAGES], { SQLTRAIL_TOPICS__PARTITIONS: '6' });
    expect([six.code, six.stdout]).toEqual([0, expect.stringContaining('partitions: 4 → 6')]);
    expect((await admin.describe([TOPIC.messages])).get(TOPIC.messages)?.partitions).toBe(6);
    await send(TOPIC.messages, batch());
    const eight = await sqltrail(['topics', 'apply', ...STAGES], { SQLTRAIL_TOPICS__PARTITIONS: '8' });
    expect(eight.code).toBe(1);
    expect(eight.stdout).toContain('away from their state');
    expect(eight.stderr).toContain('Nothing was changed');
    expect((await admin.describe([TOPIC.audit])).get(TOPIC.audit)?.partitions).toBe(6);
  });

  it('does not wait for a broker that is not there', async () => {
    const { code, stderr } = await runCli(['topics', 'apply', '--brokers', '127.0.0.1:1']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('does not answer')]);
  });
});

describe('topics read', () => {
  it('shows every topic, garbage included, without a word of its secrets', async () => {
    for (const topic of TOPICS) {
      await send(topic, SECRET, SECRET);
      // A compacted topic takes no record without a key.
      await send(topic, Buffer.from([0xff, 0x00, 0x1b, 0x5b]), 'a');
      await send(topic, JSON.stringify({ statement_raw: SECRET, unmasked: { sql: SECRET } }), 'b');
      const { code, stdout } = await sqltrail(['topics', 'read', topic, '--partition', '0']);
      const rows = parseLines(stdout);
      expect([topic, code, rows.length]).toEqual([topic, 0, topic === TOPIC.messages ? 4 : 3]);
      expect(stdout).not.toContain('hunter2');
      expect(rows.at(-1)).toMatchObject({ topic, partition: 0, offset: rows.length - 1 });
    }
  });

  it('shows the structure of a raw batch', async () => {
    const { stdout } = await sqltrail(['topics', 'read', TOPIC.messages, '--limit', '1']);
    expect(parseLines(stdout)).toMatchObject([
      { value: { edge_id: 'edge-1', server_id: 'db-1', messages: [{ kind: 'command', command: 'query' }] } },
    ]);
  });

  it('begins at an offset and ends at a number of records', async () => {
    const { stdout } = await sqltrail([
      'topics',
      'read',
      TOPIC.audit,
      '--partition',
      '0',
      '--from',
      '1',
      '--limit',
      '1',
    ]);
    expect(parseLines(stdout).map((row) => row['offset'])).toEqual([1]);
  });

  it('says that a topic or partition does not exist', async () => {
    const missing = await sqltrail(['topics', 'read', 'mysql.nothing.v1']);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('topics apply')]);
    const beyond = await sqltrail(['topics', 'read', TOPIC.audit, '--partition', '99']);
    expect([beyond.code, beyond.stderr]).toEqual([2, expect.stringContaining('no partition 99')]);
  });
});

describe('deadletter', () => {
  it('lists each letter once, and sends again what can be sent', async () => {
    const before = (await valuesOf(TOPIC.audit)).length;
    await send(TOPIC.audit, '{"event_id":"a"}\n{"event_id":"b"}\n');
    const refused = letter({ topic: TOPIC.audit, stage: 'store', reason: 'rejected', offset: before, line: 1 });
    for (const value of [letter({}), letter({}), letter({ offset: 1 }), refused, letter({ offset: 999 })])
      await send(TOPIC.deadLetter, value);
    const list = await sqltrail(['deadletter', 'list', '--format', 'ndjson', '--reason', 'unreadable']);
    expect(parseLines(list.stdout).map((row) => row['key'])).toEqual([
      `${TOPIC.messages}/0/0`,
      `${TOPIC.messages}/0/1`,
      `${TOPIC.messages}/0/999`,
    ]);

    const dry = await sqltrail(['deadletter', 'replay', '--all', '--dry-run']);
    expect(dry.stdout).toContain(`would send ${TOPIC.messages}/0/0\n`);
    expect(await valuesOf(TOPIC.audit)).toHaveLength(before + 1);

    for (let times = 1; times <= 2; times++) {
      const { code, stdout, stderr } = await sqltrail(['deadletter', 'replay', '--all']);
      expect([code, stderr]).toEqual([0, expect.stringContaining('2 of 4 sent.')]);
      expect(stdout).toContain(`${TOPIC.messages}/0/1: this version cannot read it either`);
      expect(stdout).toContain(`${TOPIC.messages}/0/999: its origin is no longer kept`);
      expect(await valuesOf(TOPIC.audit)).toHaveLength(before + 1 + times);
    }
    expect((await valuesOf(TOPIC.audit)).at(-1)?.toString()).toBe('{"event_id":"b"}\n');
    expect((await valuesOf(TOPIC.messages)).at(-1)).toEqual(batch());
  });

  it('wants to know which', async () => {
    const neither = await sqltrail(['deadletter', 'replay']);
    expect([neither.code, neither.stderr]).toEqual([2, expect.stringContaining('--all, or --key')]);
    const unknown = await sqltrail(['deadletter', 'replay', '--key', 'a/0/0']);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('no dead letter with the key')]);
  });

  it('has a letter for every record that a processor could not read, and none of their contents', async () => {
    const isBatch = (value: Buffer) => value.equals(batch());
    const first = (await valuesOf(TOPIC.messages)).length;
    await send(TOPIC.messages, `SQT2${SECRET}`);
    await send(TOPIC.messages, Buffer.concat([batch(), batch().subarray(-20)]));
    await send(TOPIC.messages, batch());
    const bad = (await valuesOf(TOPIC.messages)).filter((value) => !isBatch(value)).length;
    const wrapper = ['env', 'SQLTRAIL_HTTP__PORT=0', 'SQLTRAIL_PROCESS__COMMIT_MS=100'];
    const processor = startCli(['process', '--brokers', server.brokers.join(',')], { wrapper });
    const made = async () => {
      const { stdout } = await sqltrail(['deadletter', 'list', '--format', 'ndjson', '--stage', 'decode']);
      expect(stdout).not.toContain('hunter2');
      // Those of the tests before have an error code of their own.
      return parseLines(stdout).filter((row) => row['topic'] === TOPIC.messages && row['error_code'] !== 'x');
    };
    try {
      await expect.poll(async () => (await made()).length, { timeout: 60_000, interval: 1_000 }).toBe(bad);
      const reasons = new Map((await made()).map((row) => [row['offset'], row['reason']]));
      expect([reasons.get(first), reasons.get(first + 1), reasons.get(first + 2)]).toEqual([
        'future_version',
        'truncated',
        undefined,
      ]);
    } finally {
      processor.process.kill('SIGTERM');
    }
    expect((await processor.outcome).code).toBe(0);
    const { stdout, code } = await sqltrail(['deadletter', 'replay', '--all', '--reason', 'truncated']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('this version cannot read it either')]);
  });
});
