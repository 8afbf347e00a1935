import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaBus } from '../../bus/kafka-bus.ts';
import { TOPIC } from '../../schemas/topics.ts';
import { runCli } from '../../test/support/cli.ts';
import { KafkaServer } from '../../test/support/kafka.ts';
import { Service } from '../../test/support/service.ts';

/**
 * Kafka → decode, mask → audit topic: a capture lies in the raw topic when the processes start; timed from the first event on the audit
 * topic to the last, so without starts and joining. Prints one JSON object.
 *
 *   node --import tsx bench/parts/process.ts FILE STATEMENTS [PROCESSES]
 */
const POLL_MS = 100;
const [file, statements, processes = '1'] = process.argv.slice(2);
if (file === undefined || statements === undefined) throw new Error('usage: process.ts FILE STATEMENTS [PROCESSES]');

const kafka = await KafkaServer.start();
const environment = {
  KAFKA_BROKERS: kafka.brokers.join(','),
  SQLTRAIL_HTTP__PORT: '0',
  SQLTRAIL_TOPICS__PARTITIONS: '12',
  SQLTRAIL_TOPICS__REPLICATION_FACTOR: '1',
};
const bus = new KafkaBus({ kafka: { brokers: kafka.brokers, clientId: 'bench' } });
const services: Service[] = [];
try {
  for (const args of [
    ['topics', 'apply'],
    ['edge', '--read', file],
  ]) {
    const { code, stderr } = await runCli(args, { environment });
    if (code !== 0) throw new Error(stderr);
  }
  for (let i = 0; i < Number(processes); i++)
    services.push(new Service({ name: `process ${i}`, args: ['process'], environment }));
  const next = new Array<number>(await bus.partitions(TOPIC.audit)).fill(0);
  let [lines, first, atFirst] = [0, 0, 0];
  while (lines < Number(statements)) {
    await sleep(POLL_MS);
    for (const [partition, from] of next.entries()) {
      for await (const records of bus.read(TOPIC.audit, partition, from)) {
        for (const { value, offset } of records) {
          for (const byte of value!) if (byte === 0x0a) lines++;
          next[partition] = offset + 1;
        }
      }
    }
    if (first === 0 && lines > 0) [first, atFirst] = [performance.now(), lines];
  }
  const seconds = (performance.now() - first) / 1000;
  const result = {
    statementsPerSecond: Math.round((lines - atFirst) / seconds),
    processes: Number(processes),
    seconds,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await Promise.all(services.map((service) => service.stop()));
  await bus.close();
  await kafka.stop();
}
