/**
 * What it costs to bring packed records to Kafka and back, client side only: this project's bus (kafkajs) and beside it, in the
 * same run on the same broker, @platformatic/kafka doing the same. Both idempotent, acks=all, LZ4, one send in flight with one
 * record for each of 12 partitions. `npx tsx bench/parts/bus.ts [MEGABYTES] [--json]`; `KAFKA_BROKERS` or a broker of its own.
 * MB/s and µs of CPU are of the values before compression.
 */
import { Consumer, Producer } from '@platformatic/kafka';
import type { BusRecord, Position } from '../../bus/bus.ts';
import { KafkaAdmin } from '../../bus/kafka-admin.ts';
import { KafkaBus } from '../../bus/kafka-bus.ts';
import { brokersForTest } from '../../test/support/kafka.ts';

const PARTITIONS = 12;
const RECORD_KIB = [64, 256];

interface Measured {
  readonly client: string;
  readonly what: 'produce' | 'consume';
  readonly recordKiB: number;
  readonly mbPerSecond: number;
  readonly cpuUsPerMb: number;
}

const isJson = process.argv.includes('--json');
const megabytes = Number(process.argv.slice(2).find((each) => /^\d+$/.test(each)) ?? 300);
const server = await brokersForTest();
const results: Measured[] = [];
try {
  for (const recordKiB of RECORD_KIB) {
    for (const measureClient of [measureBus, measurePlatformatic]) {
      const topic = `bench.${process.pid}.${Date.now()}`;
      const admin = await KafkaAdmin.connect({ brokers: server.brokers, clientId: 'bench' });
      await admin.create({ name: topic, partitions: PARTITIONS, replicationFactor: 1, settings: {} });
      await admin.close();
      const values = Array.from({ length: PARTITIONS }, (_, i) => packedStatements(recordKiB * 1024, i));
      const rounds = Math.ceil((megabytes * 1e6) / (PARTITIONS * recordKiB * 1024));
      results.push(...(await measureClient(topic, values, rounds)));
    }
  }
} finally {
  await server.stop();
}
if (isJson) console.log(JSON.stringify(results));
else
  for (const { client, what, recordKiB, mbPerSecond, cpuUsPerMb } of results)
    console.log(`${client} ${what}, ${recordKiB} KiB: ${mbPerSecond} MB/s, ${cpuUsPerMb} µs CPU per MB`);

/** Point selects as an edge packs them: text that repeats but for its numbers. */
function packedStatements(bytes: number, seed: number): Buffer {
  let state = seed + 1;
  let text = '';
  while (text.length < bytes) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += `SELECT c FROM sbtest${state % 16} WHERE id=${state}\0${String.fromCharCode(state % 256, (state >> 8) % 256, (state >> 16) % 256)}`;
  }
  return Buffer.from(text, 'latin1').subarray(0, bytes);
}

async function measured(
  client: string,
  what: Measured['what'],
  values: readonly Buffer[],
  rounds: number,
  work: () => Promise<void>,
): Promise<Measured> {
  const before = process.cpuUsage();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const mb = (values.length * values[0]!.length * rounds) / 1e6;
  return {
    client,
    what,
    recordKiB: values[0]!.length / 1024,
    mbPerSecond: Math.round(mb / seconds),
    cpuUsPerMb: Math.round((user + system) / mb),
  };
}

async function measureBus(topic: string, values: readonly Buffer[], rounds: number): Promise<Measured[]> {
  const bus = new KafkaBus({ kafka: { brokers: server.brokers, clientId: 'bench' } });
  await bus.partitions(topic);
  const produced = await measured('bus (kafkajs)', 'produce', values, rounds, async () => {
    for (let i = 0; i < rounds; i++)
      await bus.send(
        topic,
        values.map((value, partition) => ({ partition, key: null, value })),
      );
  });
  let left = values.length * rounds;
  const positions = new Map<number, Position>();
  const consumed = await measured('bus (kafkajs)', 'consume', values, rounds, async () => {
    await new Promise<void>((resolve, reject) => {
      const member = {
        assigned: async () => null,
        handle: ({ partition, offset }: BusRecord) => {
          positions.set(partition, { topic, partition, offset: offset + 1 });
          if (--left === 0) resolve();
        },
        commit: async () => [...positions.values()],
        revoked: () => {},
      };
      bus.subscribe([topic], topic, member).catch(reject);
    });
  });
  await bus.close();
  return [produced, consumed];
}

async function measurePlatformatic(topic: string, values: readonly Buffer[], rounds: number): Promise<Measured[]> {
  const common = { clientId: 'bench', bootstrapBrokers: server.brokers };
  const producer = new Producer({ ...common, idempotent: true, acks: -1, compression: 'lz4', autocreateTopics: false });
  await producer.metadata({ topics: [topic] });
  const produced = await measured('@platformatic/kafka', 'produce', values, rounds, async () => {
    for (let i = 0; i < rounds; i++)
      await producer.send({ messages: values.map((value, partition) => ({ topic, partition, value })) });
  });
  await producer.close();
  const consumer = new Consumer({ ...common, groupId: topic });
  const consumed = await measured('@platformatic/kafka', 'consume', values, rounds, async () => {
    const stream = await consumer.consume({
      topics: [topic],
      mode: 'earliest',
      autocommit: 1000,
      maxWaitTime: 100,
      maxBytes: 16 * 1_048_576,
    });
    let left = values.length * rounds;
    for await (const _message of stream) if (--left === 0) break;
  });
  await consumer.close(true);
  return [produced, consumed];
}
