import { describe, expect, it } from 'vitest';
import { EventSteps } from '../../../processors/event-steps.ts';
import { IdentifyPartitions } from '../../../processors/identify/identify-partitions.ts';
import { SessionReader } from '../../../processors/identify/session-reader.ts';
import { SessionTable } from '../../../processors/identify/session-table.ts';
import { Outputs } from '../../../processors/service/outputs.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { StageMember } from '../../../processors/service/stage-member.ts';
import { SessionChanges } from '../../../processors/watch/session-changes.ts';
import { publishSweep, readPublished } from '../../../processors/watch/session-topic.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';
import type { ConnectionIdentity } from '../../../schemas/connection-identity.ts';
import { eventLine, readEventRecord } from '../../../schemas/event-record.ts';
import { readLedgerRecord } from '../../../schemas/ledger-record.ts';
import { betweenTopic, TOPIC } from '../../../schemas/topics.ts';
import { FakeBroker, FakeBus } from './fake-broker.ts';

const CHAIN = stageChain(['identify']);
const START_S = 1_767_225_600;
const UID = 'ab'.repeat(16);

/** The n-th statement of a connection from 10.0.0.7:40000 whose login was not captured. */
function statement(sequence: number, timeS: number): Buffer {
  const event = new AuditEvent({
    uid: UID,
    serverId: 'db7',
    clientAddress: '10.0.0.7',
    clientPort: 40_000,
    serverAddress: '10.0.0.1',
    serverPort: 3306,
  });
  event.sequence = sequence;
  event.timeUs = (START_S + timeS) * 1e6;
  event.command = 'query';
  return Buffer.from(`${eventLine(event)}\n`);
}

/** A process of the stage identify; the clock stands at `nowS`. */
async function startProcess(broker: FakeBroker, nowS: number) {
  const bus = new FakeBus(broker);
  bus.isImmediate = true;
  const clock = { nowS };
  const identify = new IdentifyPartitions(new SessionTable());
  const sessions = new SessionReader(bus, identify.table);
  await sessions.start((error) => {
    throw error;
  });
  await sessions.close();
  const outputs = await Outputs.open(bus, CHAIN, null);
  const parts = {
    chain: CHAIN,
    outputs,
    steps: new EventSteps({ identify }),
    identify,
    nowMs: () => (START_S + clock.nowS) * 1000,
    fail: (error: unknown) => {
      throw error;
    },
  };
  const member = new StageMember(bus, parts, null);
  const start = (await member.assigned(CHAIN.input, 0)) ?? 0;
  for (const record of broker.records(CHAIN.input, 0).slice(start)) await member.handle(record);
  return { member, clock, identify };
}

/** A reading of the server's list at that time, by a watcher that began with it. */
async function publishReading(broker: FakeBroker, timeS: number, idleS: number): Promise<void> {
  const bus = new FakeBus(broker);
  bus.isImmediate = true;
  const timeUs = (START_S + timeS) * 1e6;
  const changes = new SessionChanges({ serverId: 'db7', addresses: [], port: 3306 });
  const published = (await readPublished(bus, ['db7'])).get('db7')!;
  changes.restore(published.sessions, published.startedUs);
  const facts = {
    serverId: 'db7',
    version: '8.4.0',
    isMariaDb: false,
    versionNumber: 80_400,
    hasPerformanceSchema: false,
    connectionId: 100,
    startedUs: (START_S - 10_000) * 1e6,
    loggedInUs: timeUs,
  };
  changes.loggedIn(facts, timeUs);
  const listed = {
    connectionId: 7,
    userName: 'alice',
    client: { host: '10.0.0.7', port: 40_000 },
    databaseName: 'shop',
    inStateUs: idleS * 1e6,
  };
  const sweep = changes.sweep(
    [listed],
    { askedUs: timeUs, answeredUs: timeUs },
    (host) => [host],
    () => ({ program: 'java', pid: '' }),
  );
  await publishSweep(bus, sweep);
}

function identities(broker: FakeBroker): ConnectionIdentity[] {
  const found: ConnectionIdentity[] = [];
  for (const { value } of broker.all(TOPIC.ledger))
    readLedgerRecord(value!, { entry: () => {}, loss: () => {}, identity: (each) => found.push(each), bad: () => {} });
  return found;
}

function namesWritten(broker: FakeBroker): string[] {
  const names: string[] = [];
  for (const { value } of broker.all(betweenTopic('identify'))) {
    readEventRecord(value!, {
      output: (output) => {
        if (output instanceof AuditEvent)
          names.push(`${output.userName}/${output.userNameSource}/${output.databaseName}`);
      },
      bad: () => {},
    });
  }
  return names;
}

describe('the stage identify in a process of its own', () => {
  it('names what comes, and tells of what has gone on without a name', async () => {
    const broker = new FakeBroker(1);
    broker.append(CHAIN.input, [{ partition: 0, key: null, value: statement(1, 0) }]);
    await publishReading(broker, 5, 5);
    broker.append(CHAIN.input, [{ partition: 0, key: null, value: statement(2, 12) }]);
    const { member } = await startProcess(broker, 13);
    await member.commit();
    expect(namesWritten(broker)).toEqual(['/unknown/', 'alice/processlist/shop']);
    expect(identities(broker)).toMatchObject([
      { connectionUid: UID, userName: 'alice', databaseName: 'shop', clientProgram: 'java', connectionId: 7 },
    ]);
  });

  it('remembers across a restart a connection that does not speak again, and tells whose it was', async () => {
    const broker = new FakeBroker(1);
    broker.append(CHAIN.input, [{ partition: 0, key: null, value: statement(1, 0) }]);
    const before = await startProcess(broker, 1);
    await before.member.commit();
    expect(identities(broker)).toEqual([]);
    await publishReading(broker, 10, 10);
    const after = await startProcess(broker, 11);
    await after.member.commit();
    for (const nowS of [17, 45]) {
      after.clock.nowS = nowS;
      await after.member.commit();
    }
    expect(identities(broker)).toMatchObject([{ connectionUid: UID, userName: 'alice', firstUs: START_S * 1e6 }]);
    expect(after.identify.partitions.get(0)!.waiting).toBe(0);
  });

  it('goes on naming after a restart, also while the server does not answer', async () => {
    const broker = new FakeBroker(1);
    broker.append(CHAIN.input, [{ partition: 0, key: null, value: statement(1, 0) }]);
    await publishReading(broker, 5, 5);
    broker.append(CHAIN.input, [{ partition: 0, key: null, value: statement(2, 12) }]);
    const before = await startProcess(broker, 13);
    await before.member.commit();
    broker.append(CHAIN.input, [{ partition: 0, key: null, value: statement(3, 14) }]);
    const after = await startProcess(broker, 15);
    await after.member.commit();
    expect(namesWritten(broker).at(-1)).toBe('alice/processlist/shop');
  });
});
