import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaAdmin } from '../../../bus/kafka-admin.ts';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import type { SqltrailError } from '../../../runtime/errors.ts';
import { numbered, until } from '../../bus/contract-support.ts';
import { RecordingMember } from '../../bus/recording-member.ts';
import { KafkaServer } from '../../support/kafka.ts';

let server: KafkaServer;

beforeAll(async () => {
  server = await KafkaServer.start();
});
afterAll(async () => {
  await server.stop();
});

/** Sends numbers to three partitions and reads them back while the broker goes and comes again. */
async function carryThrough(name: string, outage: () => Promise<void>): Promise<void> {
  const kafka = { brokers: server.brokers, clientId: 'sqltrail-test' };
  const admin = await KafkaAdmin.connect(kafka);
  await admin.create({ name, partitions: 3, replicationFactor: 1, settings: {} });
  await admin.close();
  const troubles: SqltrailError[] = [];
  const bus = new KafkaBus({ kafka, commitMs: 200, onTrouble: (error) => troubles.push(error) });
  const member = new RecordingMember();
  await bus.subscribe([name], 'g', member);
  let sent = 0;
  let isOver = false;
  const sending = (async () => {
    for (; !isOver; sent++) {
      await bus.send(name, [numbered(sent, sent % 3)]);
      await sleep(2);
    }
  })();
  await until(() => member.records.length > 100);
  await outage();
  const before = sent;
  await until(() => sent > before + 100);
  isOver = true;
  await sending;
  await bus.caughtUp(name, 'g');
  expect(bus.troubleNow).toBeNull();
  await bus.close();
  expect(troubles.map((error) => error.code)).toContain('bus_unreachable');
  for (const partition of [0, 1, 2]) {
    const seen = member.textsOf(partition).map(Number);
    const wanted = Array.from({ length: sent }, (_, i) => i).filter((i) => i % 3 === partition);
    // Repetitions apart, which a producer that was replaced or a commit that was lost may bring.
    const first = [...new Set(seen)];
    expect(first).toEqual(wanted);
  }
}

describe('Kafka bus while the broker is away', () => {
  it('loses nothing and keeps the order over a broker that is stopped for 20 s', async () => {
    await carryThrough('stopped', async () => {
      await server.down('SIGTERM');
      await sleep(20_000);
      await server.up();
    });
  });

  it('loses nothing and keeps the order over a broker that is killed and started again', async () => {
    for (let round = 0; round < 2; round++) {
      await carryThrough(`killed-${round}`, async () => {
        await server.down('SIGKILL');
        await server.up();
      });
    }
  });

  it('waits for a broker that is not there yet, and can be closed meanwhile', async () => {
    await server.down('SIGTERM');
    const troubles: SqltrailError[] = [];
    const kafka = { brokers: server.brokers, clientId: 'sqltrail-test' };
    const bus = new KafkaBus({ kafka, onTrouble: (error) => troubles.push(error) });
    const sending = bus.send('stopped', [numbered(0)]).catch((error: unknown) => error);
    const member = new RecordingMember();
    const subscribing = bus.subscribe(['stopped'], 'waiting', member).catch((error: unknown) => error);
    await until(() => troubles.length > 0);
    expect(bus.troubleNow).toMatchObject({ code: 'bus_unreachable', retriable: true });
    await bus.close();
    expect(await sending).toMatchObject({ code: 'bus_unreachable' });
    expect(await subscribing).toMatchObject({ code: 'bus_unreachable' });
    await server.up();
  });
});
