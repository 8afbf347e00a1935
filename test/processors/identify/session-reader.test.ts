import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SessionReader } from '../../../processors/identify/session-reader.ts';
import { SessionTable } from '../../../processors/identify/session-table.ts';
import { SessionChanges } from '../../../processors/watch/session-changes.ts';
import { publishSweep, readPublished } from '../../../processors/watch/session-topic.ts';
import { sessionPartition } from '../../../schemas/session-record.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { FakeBroker, FakeBus } from '../service/fake-broker.ts';

const START_US = 1_767_225_600_000_000;

function busOf(broker: FakeBroker): FakeBus {
  const bus = new FakeBus(broker);
  bus.isImmediate = true;
  return bus;
}

/** One reading by a watcher that was just started. */
async function publish(broker: FakeBroker, timeS: number, users: readonly string[]): Promise<void> {
  const bus = busOf(broker);
  const changes = new SessionChanges({ serverId: 'db7', addresses: [], port: 3306 });
  const { sessions, startedUs } = (await readPublished(bus, ['db7'])).get('db7')!;
  changes.restore(sessions, startedUs);
  const timeUs = START_US + timeS * 1e6;
  changes.loggedIn(
    {
      serverId: 'db7',
      version: '',
      isMariaDb: false,
      versionNumber: 0,
      hasPerformanceSchema: false,
      connectionId: 1_000,
      startedUs: START_US - 1e9,
      loggedInUs: timeUs,
    },
    timeUs,
  );
  const listed = users.map((userName, i) => ({
    connectionId: 10 + i,
    userName,
    client: { host: '10.0.0.7', port: 40_000 + i },
    databaseName: '',
    inStateUs: 0,
  }));
  const reading = { askedUs: timeUs, answeredUs: timeUs };
  await publishSweep(
    bus,
    changes.sweep(
      listed.filter(({ userName }) => userName !== ''),
      reading,
      (host) => [host],
      () => undefined,
    ),
  );
}

async function tableOf(broker: FakeBroker): Promise<{ table: SessionTable; reader: SessionReader }> {
  const table = new SessionTable();
  const reader = new SessionReader(busOf(broker), table);
  await reader.start(() => {});
  await reader.close();
  return { table, reader };
}

describe('the sessions topic as a table', () => {
  it('is the same from the whole topic and from what compaction leaves of it', async () => {
    const broker = new FakeBroker(3);
    await publish(broker, 0, ['alice', 'bob', 'carol']);
    await publish(broker, 10, ['alice', '', 'dave']);
    const whole = await tableOf(broker);
    expect(whole.table.counters.sessions).toBe(2);
    broker.compact(TOPIC.sessions);
    const compacted = await tableOf(broker);
    expect(compacted.table.counters.sessions).toBe(2);
    expect(compacted.reader.counters.unreadable).toBe(0);
  });

  it('takes back what a watcher that is gone had told, with the first reading of the next', async () => {
    const broker = new FakeBroker(3);
    await publish(broker, 0, ['alice', 'bob']);
    await publish(broker, 10, []);
    expect((await tableOf(broker)).table.counters.sessions).toBe(0);
  });

  it('leaves out what lies in a partition that is no longer the server’s', async () => {
    const broker = new FakeBroker(3);
    await publish(broker, 0, ['alice']);
    const own = sessionPartition('db7', 3);
    const stray = broker
      .records(TOPIC.sessions, own)
      .map(({ key, value }) => ({ partition: (own + 1) % 3, key, value }));
    const other = new FakeBroker(3);
    other.append(TOPIC.sessions, stray);
    expect((await tableOf(other)).table.counters.sessions).toBe(0);
  });

  it('takes any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.option(fc.string()), value: fc.option(fc.uint8Array({ maxLength: 50 })) })),
        async (records) => {
          const broker = new FakeBroker(1);
          broker.append(
            TOPIC.sessions,
            records.map(({ key, value }) => ({
              partition: 0,
              key,
              value: value === null ? null : Buffer.from(value),
            })),
          );
          const { reader } = await tableOf(broker);
          expect(reader.counters.records).toBe(records.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});
