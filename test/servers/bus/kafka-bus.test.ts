import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaAdmin } from '../../../bus/kafka-admin.ts';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import { KafkaClient } from '../../../bus/kafka-client.ts';
import type { KafkaOptions } from '../../../bus/kafka-options.ts';
import { SqltrailError } from '../../../runtime/errors.ts';
import { busContract } from '../../bus/contract.ts';
import { numbered, until } from '../../bus/contract-support.ts';
import { RecordingMember } from '../../bus/recording-member.ts';
import { brokersForTest, runKafkaTool } from '../../support/kafka.ts';

let server: Awaited<ReturnType<typeof brokersForTest>>;
let kafka: KafkaOptions;
let admin: KafkaAdmin;
let topics = 0;

beforeAll(async () => {
  server = await brokersForTest();
  kafka = { brokers: server.brokers, clientId: 'sqltrail-test' };
  admin = await KafkaAdmin.connect(kafka);
});
afterAll(async () => {
  await admin.close();
  await server.stop();
});

async function newTopic(settings: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = `contract.${process.pid}.${Date.now()}.${topics++}`;
  await admin.create({ name, partitions: 3, replicationFactor: 1, settings });
  return name;
}

/** As retention does. */
async function deleteBefore(topic: string, offset: number): Promise<void> {
  const client = new KafkaClient(kafka).admin();
  await client.connect();
  // kafkajs knows no topic it was not asked about.
  await client.fetchTopicOffsets(topic);
  await client.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  await client.disconnect();
}

busContract('Kafka', {
  open: async () => new KafkaBus({ kafka, commitMs: 100 }),
  newTopic: () => newTopic(),
});

describe('Kafka bus', () => {
  it('carries a record of 60 MiB on a topic that takes it, and refuses it with the cure where not', async () => {
    const bus = new KafkaBus({ kafka });
    const large = await newTopic({ 'max.message.bytes': String(64 * 1_048_576) });
    const value = Buffer.alloc(60 * 1_048_576, 'SELECT 1 ');
    await bus.send(large, [{ partition: 1, key: 'k', value }]);
    const read: number[] = [];
    for await (const records of bus.read(large, 1)) read.push(...records.map((record) => record.value!.compare(value)));
    expect(read).toEqual([0]);
    const member = new RecordingMember();
    await bus.subscribe([large], 'large', member);
    await bus.caughtUp(large, 'large');
    expect(member.records.map((record) => record.value!.compare(value))).toEqual([0]);
    const small = await newTopic();
    const refused = await bus.send(small, [{ partition: 0, key: null, value }]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SqltrailError);
    expect(refused).toMatchObject({ code: 'record_too_large', retriable: false });
    await bus.close();
  });

  it('goes on for the others when a record among many callers is refused by the brokers', async () => {
    const bus = new KafkaBus({ kafka });
    const topic = await newTopic();
    await bus.send(topic, [{ partition: 0, key: null, value: Buffer.from('0') }]);
    // The bus believes in the old limit for a while.
    await admin.changeSettings(topic, { 'max.message.bytes': '2000' });
    const noise = randomBytes(8_000);
    const results = await Promise.allSettled(
      [10, noise.length, 20].map((bytes, i) =>
        bus.send(topic, [{ partition: i, key: null, value: noise.subarray(0, bytes) }]),
      ),
    );
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'record_too_large' });
    await bus.close();
  });

  it('leaves no connection behind, whenever in the life of a group it is closed', async () => {
    const topic = await newTopic();
    const group = `${topic}.closing`;
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    const steady = new KafkaBus({ kafka, commitMs: 100 });
    await steady.subscribe([topic], group, new RecordingMember());
    for (const ms of [0, 40, 200]) {
      const bus = new KafkaBus({ kafka, commitMs: 100 });
      const joining = bus.subscribe([topic], group, new RecordingMember()).catch(() => {});
      await sleep(ms);
      await bus.close();
      await joining;
    }
    await steady.close();
    await until(() => sockets() <= before);
  });

  it('takes a batch of 200,000 tiny records, whole', async () => {
    const topic = `large-batch.${process.pid}.${Date.now()}`;
    const settings = { 'max.message.bytes': String(8 * 1_048_576) };
    await admin.create({ name: topic, partitions: 1, replicationFactor: 1, settings });
    const one = ['batch.size=8000000', 'linger.ms=20000', 'max.request.size=8000000', 'compression.type=lz4'];
    const servers = `bootstrap.servers=${kafka.brokers.join(',')}`;
    runKafkaTool('org.apache.kafka.tools.ProducerPerformance', [
      ...['--topic', topic, '--num-records', '200000', '--record-size', '1', '--throughput', '-1'],
      ...['--producer-props', servers, ...one],
    ]);
    const bus = new KafkaBus({ kafka, commitMs: 100 });
    let records = 0;
    let largest = 0;
    for await (const batch of bus.read(topic, 0)) {
      records += batch.length;
      largest = Math.max(largest, batch.length);
    }
    expect(records).toBe(200_000);
    expect(largest).toBeGreaterThan(150_000);
    const member = new RecordingMember();
    await bus.subscribe([topic], topic, member);
    await bus.caughtUp(topic, topic);
    expect(member.records.length).toBe(200_000);
    await bus.close();
  });

  it('refuses a record without a key on a compacted topic, and goes on behind it', async () => {
    const bus = new KafkaBus({ kafka });
    const topic = await newTopic({ 'cleanup.policy': 'compact' });
    const value = Buffer.from('v');
    const results = await Promise.allSettled([
      bus.send(topic, [{ partition: 0, key: null, value }]),
      bus.send(topic, [{ partition: 0, key: 'k', value }]),
    ]);
    expect(results[0]).toMatchObject({ status: 'rejected', reason: { code: 'record_refused', retriable: false } });
    expect(results[1]).toMatchObject({ status: 'fulfilled' });
    expect(bus.troubleNow).toBeNull();
    await bus.close();
  });

  it('goes on at the oldest record, and tells it, where the next one is not kept any more', async () => {
    const topic = await newTopic();
    const troubles: string[] = [];
    const bus = new KafkaBus({ kafka, commitMs: 100, onTrouble: (error) => troubles.push(error.message) });
    for (let i = 0; i < 10; i++) await bus.send(topic, [numbered(i)]);
    const first = new RecordingMember({ commit: async () => [{ topic, partition: 0, offset: 2 }] });
    const subscription = await bus.subscribe([topic], topic, first);
    await until(() => first.records.length === 10);
    await subscription.close();
    await deleteBefore(topic, 5);
    const next = new RecordingMember();
    await bus.subscribe([topic], topic, next);
    await bus.caughtUp(topic, topic);
    expect(next.texts).toEqual(['5', '6', '7', '8', '9']);
    expect(troubles.join()).toContain('goes on at offset 5 instead of 2');
    expect(bus.troubleNow).toBeNull();
    await bus.close();
  });

  it('goes on where records are removed before a slow member came to them', async () => {
    const topic = await newTopic();
    const bus = new KafkaBus({ kafka, commitMs: 100 });
    let go = () => {};
    const slow = new Promise<void>((resolve) => {
      go = resolve;
    });
    const member = new RecordingMember({ handle: (record) => (record.offset === 0 ? slow : undefined) });
    await bus.subscribe([topic], topic, member);
    // More than is fetched ahead.
    for (let i = 0; i < 12; i++) await bus.send(topic, [{ partition: 0, key: null, value: randomBytes(900_000) }]);
    await until(() => member.records.length === 1);
    await sleep(500);
    await deleteBefore(topic, 10);
    go();
    await bus.send(topic, [numbered(12)]);
    await bus.caughtUp(topic, topic);
    const offsets = member.records.map((record) => record.offset);
    expect(offsets.slice(-3)).toEqual([10, 11, 12]);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    await bus.close();
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('reads what a Java producer compressed with %s', async (codec) => {
    const topic = await newTopic();
    const lines = Array.from({ length: 2_000 }, (_, i) => `SELECT ${i} FROM t WHERE name = 'n${i % 7}'`);
    runKafkaTool(
      'org.apache.kafka.tools.ConsoleProducer',
      ['--bootstrap-server', server.brokers.join(','), '--topic', topic, '--compression-codec', codec],
      lines.map((line) => `${line}\n`).join(''),
    );
    const bus = new KafkaBus({ kafka });
    const member = new RecordingMember();
    await bus.subscribe([topic], `codec-${topic}`, member);
    await bus.caughtUp(topic, `codec-${topic}`);
    await bus.close();
    expect(member.texts.toSorted()).toEqual(lines.toSorted());
  });

  it('reads what is left of a compacted topic', async () => {
    const bus = new KafkaBus({ kafka });
    const topic = await newTopic({
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.01',
    });
    for (let i = 0; i < 30; i++)
      await bus.send(topic, [{ partition: 0, key: `k${i % 3}`, value: Buffer.from(String(i)) }]);
    const last = new Map<string, string>();
    for await (const records of bus.read(topic, 0))
      for (const record of records) last.set(String(record.key), String(record.value));
    expect([...last]).toEqual([
      ['k0', '27'],
      ['k1', '28'],
      ['k2', '29'],
    ]);
    await bus.close();
  });
});
