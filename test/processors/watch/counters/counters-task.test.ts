import { describe, expect, it } from 'vitest';
import { CountersTask } from '../../../../processors/watch/counters/counters-task.ts';
import { publishMinutes } from '../../../../processors/watch/counters/publish-minutes.ts';
import type { MysqlConnection, MysqlRow } from '../../../../processors/watch/mysql-connection.ts';
import { MysqlFault } from '../../../../processors/watch/mysql-fault.ts';
import type { ServerFacts } from '../../../../processors/watch/watch-task.ts';
import { readLedgerRecord } from '../../../../schemas/ledger-record.ts';
import type { ServerMinute } from '../../../../schemas/server-minute.ts';

const START = Date.UTC(2026, 0, 1, 14);
const FACTS: ServerFacts = {
  serverId: 'db1',
  version: '10.11.1-MariaDB',
  isMariaDb: true,
  versionNumber: 101_101,
  hasPerformanceSchema: true,
  connectionId: 5,
  startedUs: 0,
  loggedInUs: 0,
};

/** A server that answers with what it is told, and what it was asked. */
class FakeServer {
  readonly asked: string[] = [];
  nowMs = START;
  questions = 100;
  refusesAccounts = false;
  rows: MysqlRow[] = [];

  get clocks() {
    return { nowMs: () => this.nowMs, steadyMs: () => this.nowMs };
  }

  readonly connection = {
    query: async (sql: string, onRow: (row: MysqlRow) => void) => {
      this.asked.push(sql);
      if (this.refusesAccounts && sql.includes('status_by_account')) throw new MysqlFault('not_allowed', '1142', false);
      if (sql.startsWith('SHOW')) {
        onRow(['Com_select', '7']);
        return;
      }
      const rows: MysqlRow[] = [
        ['status', 'QUESTIONS', '', String(this.questions)],
        ['status', 'UPTIME', '', '5000'],
        ['own', 5, '', '9'],
        ...this.rows.filter(() => sql.includes('status_by_account')),
      ];
      for (const row of rows) onRow(row);
    },
  } as unknown as MysqlConnection;
}

function taskOn(server: FakeServer, publish: (minutes: readonly ServerMinute[]) => Promise<void>): CountersTask {
  return new CountersTask({ serverId: 'db1', origin: 'watch 1', publish, clocks: server.clocks });
}

describe('CountersTask', () => {
  it('publishes what came between two readings, and how', async () => {
    const server = new FakeServer();
    const published: ServerMinute[] = [];
    const task = taskOn(server, async (minutes) => void published.push(...minutes));
    const account = (questions: number): MysqlRow[] => [
      ['account', 'app', '10.0.0.1', String(questions)],
      ['account', null, null, '0'],
      ['session SSL/TLS', 'app', '10.0.0.1', 2],
      ['me', 'watch', '10.0.0.9', ''],
      ['account', 'watch', '10.0.0.9', '9'],
      ['session TCP/IP', 'watch', '10.0.0.9', 1],
    ];
    server.rows = account(50);
    await task.run(server.connection, FACTS, 1000);
    expect(published).toEqual([]);
    server.nowMs += 60_000;
    server.questions += 40;
    server.rows = account(85);
    await task.run(server.connection, FACTS, 1000);
    expect(published).toMatchObject([{ minuteMs: START, measuredMs: 60_000, questions: 40, channels: { tls: 35 } }]);
    expect(server.asked.every((sql) => sql.includes('AS sqltrail_watch'))).toBe(true);
  });

  it('asks MySQL for its commands apart, and reads nothing that is no number', async () => {
    const server = new FakeServer();
    const published: ServerMinute[] = [];
    const task = taskOn(server, async (minutes) => void published.push(...minutes));
    const facts = { ...FACTS, isMariaDb: false };
    server.rows = [['account', 'x', 'y', 'garbage']];
    await task.run(server.connection, facts, 1000);
    server.nowMs += 10_000;
    await task.run(server.connection, facts, 1000);
    expect(server.asked.filter((sql) => sql.startsWith("SHOW GLOBAL STATUS LIKE 'Com"))).toHaveLength(2);
    expect(published[0]).toMatchObject({ questions: 0, channels: {} });
  });

  it('goes on without accounts where the performance schema refuses them, and asks again ten minutes later', async () => {
    const server = new FakeServer();
    server.refusesAccounts = true;
    const task = taskOn(server, async () => {});
    for (const minutes of [0, 5, 11]) {
      server.nowMs = START + minutes * 60_000;
      await task.run(server.connection, FACTS, 1000);
    }
    expect(server.asked.map((sql) => sql.includes('status_by_account'))).toEqual([true, false, false, true, false]);
    await taskOn(server, async () => {}).run(server.connection, { ...FACTS, hasPerformanceSchema: false }, 1000);
    expect(server.asked.at(-1)).not.toContain('status_by_account');
  });

  it('gives minutes again that could not be published', async () => {
    const server = new FakeServer();
    const published: ServerMinute[][] = [];
    const task = taskOn(server, async (minutes) => {
      published.push([...minutes]);
      if (published.length === 1) throw new Error('away');
    });
    for (const seconds of [0, 60, 120]) {
      server.nowMs = START + seconds * 1000;
      await task.run(server.connection, FACTS, 1000);
    }
    expect(published.map((minutes) => minutes.map(({ minuteMs }) => minuteMs - START))).toEqual([[0], [0, 60_000]]);
  });

  it('holds minutes back while Kafka takes none, and gives all of them at once when it does again', async () => {
    const server = new FakeServer();
    const published: number[] = [];
    let goOn = () => {};
    const task = taskOn(server, (minutes) => {
      published.push(minutes.length);
      return new Promise((resolve) => {
        goOn = resolve;
      });
    });
    for (const minutes of [0, 1, 2, 3, 4]) {
      server.nowMs = START + minutes * 60_000;
      await task.run(server.connection, FACTS, 1000);
    }
    expect(published).toEqual([1]);
    goOn();
    await new Promise((resolve) => setImmediate(resolve));
    server.nowMs += 60_000;
    await task.run(server.connection, FACTS, 1000);
    expect(published).toEqual([1, 4]);
  });

  it('fails where a server tells no counters', async () => {
    const server = new FakeServer();
    server.questions = Number.NaN;
    await expect(taskOn(server, async () => {}).run(server.connection, FACTS, 1000)).rejects.toThrow(MysqlFault);
  });
});

describe('publishMinutes', () => {
  it('sends lines that readers of the ledger understand, all of a server to one partition', async () => {
    const server = new FakeServer();
    const minutes: ServerMinute[] = [];
    const task = taskOn(server, async (some) => void minutes.push(...some));
    for (const seconds of [0, 60, 120]) {
      server.nowMs = START + seconds * 1000;
      await task.run(server.connection, FACTS, 1000);
    }
    const sent: { partition: number; value: Buffer }[] = [];
    const bus = {
      partitions: async () => 3,
      send: async (_topic: string, records: readonly { partition: number; value: Buffer | null }[]) => {
        for (const { partition, value } of records) sent.push({ partition, value: value! });
      },
    };
    await publishMinutes(bus, minutes);
    await publishMinutes(bus, minutes);
    await publishMinutes(bus, []);
    expect(new Set(sent.map(({ partition }) => partition)).size).toBe(1);
    const read: ServerMinute[] = [];
    const none = () => expect.unreachable();
    for (const { value } of sent)
      readLedgerRecord(value, { entry: none, loss: none, bad: none, serverMinute: (minute) => read.push(minute) });
    expect(read).toEqual([...minutes, ...minutes]);
  });
});
