import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import { migrate, readMigrations } from '../../../processors/store/migrator.ts';
import { updateRollups } from '../../../processors/store/rollups.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';
import { auditEvent, connectionFacts, START_US, statementOf } from './events.ts';

const KEYS = 'server_id, minute, user_name, database_name, command, statement_digest';
const MEASURES =
  'events, errors, unanswered, returned_rows, affected_rows, request_bytes, response_bytes, duration_us, max_duration_us, without_index';
const ROLLED_UP = `SELECT ${KEYS}, ${MEASURES} FROM activity_per_minute ORDER BY ${KEYS}`;
const TRUTH = `SELECT server_id, toStartOfMinute(event_time) AS minute, user_name, database_name, command, statement_digest, count() AS events, countIf(status = 'error') AS errors, countIf(status = 'unknown') AS unanswered, sum(a.returned_rows) AS returned_rows, sum(a.affected_rows) AS affected_rows, sum(a.request_bytes) AS request_bytes, sum(a.response_bytes) AS response_bytes, sum(a.duration_us) AS duration_us, max(a.duration_us) AS max_duration_us, countIf(no_index_used) AS without_index FROM audit AS a GROUP BY ${KEYS} ORDER BY ${KEYS}`;

const directory = temporaryDirectory();
let client: ClickhouseClient;

beforeAll(async () => {
  if (!hasChdb) return;
  client = await ClickhouseClient.open({ kind: 'embedded', directory: directory.path }, 'write');
  await migrate(client);
});
afterAll(async () => {
  await client?.close();
  directory.remove();
});

/** A store as a service has it: others write and sum up at the same time. */
function newStore(): AuditStore {
  const insert = client.insert.bind(client);
  return new AuditStore({ insert, close: async () => {} }, {}, { client, atClose: false });
}

async function write(events: readonly AuditEvent[]): Promise<void> {
  const store = newStore();
  for (const event of events) store.add(event);
  await store.close();
}

interface Fact {
  readonly server: number;
  readonly minute: number;
  readonly sequence: number;
}
const fact = fc.record({ server: fc.nat(1), minute: fc.nat(3), sequence: fc.nat(11) });

/** The same fact has the same id and time; what else it says depends on when it is told. */
function eventOf({ server, minute, sequence }: Fact, telling: number): AuditEvent {
  const event = auditEvent(1 + server, sequence, {
    timeUs: START_US + minute * 60_000_000 + sequence * 4_999_999,
    userName: ['', 'app', 'root'][telling % 3]!,
    databaseName: ['shop', 'hr'][sequence % 2]!,
    command: sequence % 5 === 0 ? 'prepare' : 'query',
    statement: sequence % 4 === 0 ? null : statementOf(`SELECT ${sequence % 3}`),
    status: (['ok', 'error', 'unknown'] as const)[(sequence + telling) % 3]!,
    returnedRows: sequence,
    affectedRows: telling,
    requestBytes: 10 + sequence,
    responseBytes: 100 * telling,
    durationUs: 7 * sequence + telling,
    noIndexUsed: sequence % 2 === 0,
  });
  event.connection = { ...connectionFacts(1 + server + 2 * minute), serverId: `it's server ${server}\\` };
  return event;
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('tell' as const),
      facts: fc.array(fact, { minLength: 1, maxLength: 30 }),
      telling: fc.nat(4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replay' as const), index: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sum_up' as const), times: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('both' as const),
      facts: fc.array(fact, { minLength: 1, maxLength: 10 }),
      telling: fc.nat(4),
    }),
  },
);

describe.skipIf(!hasChdb)('rollups per minute', () => {
  it('equal a plain GROUP BY over the facts after any order of inserts, corrections, replays and sums, also at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        for (const table of ['audit_events', 'activity_rollup', 'rollup_marks'])
          await client.command(`TRUNCATE TABLE ${table}`);
        const told: AuditEvent[][] = [];
        for (const each of steps) {
          if (each.kind === 'sum_up') {
            await Promise.all(Array.from({ length: each.times }, () => updateRollups(client)));
            continue;
          }
          const events =
            each.kind === 'replay'
              ? (told[each.index % Math.max(told.length, 1)] ?? [])
              : each.facts.map((one) => eventOf(one, each.telling));
          told.push(events);
          if (each.kind === 'both') await Promise.all([updateRollups(client), write(events), updateRollups(client)]);
          else await write(events);
        }
        await updateRollups(client);
        expect(await client.rows(ROLLED_UP)).toEqual(await client.rows(TRUTH));
        expect(await updateRollups(client)).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  it('leave nothing under the old key of a fact whose user became known', async () => {
    const unknown = auditEvent(9, 1, { userName: '', userNameSource: 'unknown' });
    await write([unknown]);
    await updateRollups(client);
    await write([auditEvent(9, 1, { userName: 'late', userNameSource: 'processlist' })]);
    await updateRollups(client);
    const users = await client.rows(
      `SELECT user_name, events FROM activity_per_minute WHERE server_id = '${unknown.connection.serverId}'`,
    );
    expect(users).toEqual([{ user_name: 'late', events: 1 }]);
  });

  it('miss nothing where they are summed up between any two inserts of a batch', async () => {
    const insert = async (...block: Parameters<ClickhouseClient['insert']>) => {
      await updateRollups(client);
      await client.insert(...block);
      await updateRollups(client);
    };
    const store = new AuditStore({ insert, close: async () => {} });
    for (let i = 0; i < 10; i++) store.add(auditEvent(13, i));
    await store.close();
    await updateRollups(client);
    expect(await client.rows(ROLLED_UP)).toEqual(await client.rows(TRUTH));
  });

  it('hold at the end of a run what an earlier run wrote that was killed', async () => {
    const insert = client.insert.bind(client);
    const open = () => new AuditStore({ insert, close: async () => {} }, {}, { client, atClose: true });
    const killed = open();
    killed.add(auditEvent(14, 1));
    await killed.flush();
    await open().close();
    expect(await client.rows(ROLLED_UP)).toEqual(await client.rows(TRUTH));
  });

  it('are left alone where someone summed them up just before, if asked to, and are still due', async () => {
    await write([auditEvent(15, 1)]);
    expect(await updateRollups(client, 60_000)).toBe(0);
    await client.command('TRUNCATE TABLE activity_rollup');
    expect(await updateRollups(client, 60_000)).toBeGreaterThan(0);
    await write([auditEvent(15, 2)]);
    expect(await updateRollups(client, 60_000)).toBe(0);
    expect(await updateRollups(client)).toBe(1);
  });

  it('tell the quantiles of durations, over any number of minutes and keys', async () => {
    const events = Array.from({ length: 1000 }, (_, i) => auditEvent(11, i, { durationUs: i, userName: `u${i % 3}` }));
    for (const event of events) event.connection = { ...event.connection, serverId: 'timed' };
    await write(events);
    await updateRollups(client);
    const rows = await client.rows(
      "SELECT quantilesTDigestMerge(0.5, 0.95, 0.99)(durations) AS q FROM activity_per_minute WHERE server_id = 'timed'",
    );
    expect(rows).toEqual([{ q: [expect.closeTo(500, -1), expect.closeTo(950, -1), expect.closeTo(990, -1)] }]);
  });

  it('do not ask for ever for minutes that have no facts any more', async () => {
    await client.command("INSERT INTO rollup_marks (server_id, minute) SELECT 'gone', '2025-01-01 00:00:00'");
    expect(await updateRollups(client)).toBe(1);
    expect(await updateRollups(client)).toBe(0);
  });

  it('hold what was there before there were rollups', async () => {
    await write([auditEvent(12, 1)]);
    await client.command('TRUNCATE TABLE rollup_marks');
    await client.command('TRUNCATE TABLE activity_rollup');
    const marking = readMigrations().find((migration) => migration.name === 'mark_earlier_facts');
    await client.command(marking!.sql);
    await updateRollups(client);
    expect(await client.rows(ROLLED_UP)).toEqual(await client.rows(TRUTH));
  });
});
