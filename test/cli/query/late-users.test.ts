import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindParameters } from '../../../cli/query/bind-parameters.ts';
import { readInvestigations } from '../../../cli/query/investigation.ts';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import { NO_END_US } from '../../../schemas/connection-identity.ts';
import { hasChdb, temporaryDirectory } from '../../processors/store/chdb.ts';
import { auditEvent, connectionFacts, START_US, statementOf } from '../../processors/store/events.ts';

/** Asked for a user, they look at events of the trail one by one. */
const BY_USER = readInvestigations().filter(
  ({ sql, parameters }) => /FROM audit\b/.test(sql) && parameters.some(({ name }) => name === 'user'),
);
/** It only spares the join events that it would not change. */
const SHORTCUT = /^ *AND \({user:String} = '' OR user_name_captured .*\n/m;
const directory = temporaryDirectory();
const target = { kind: 'embedded', directory: join(directory.path, 'store') } as const;
let client: ClickhouseClient;

beforeAll(async () => {
  if (!hasChdb) return;
  const store = await AuditStore.open(target);
  const users = statementOf('SELECT * FROM shop.users WHERE id = ?', ['shop.users']);
  const unknown = { userName: '', userNameSource: 'unknown', databaseName: '', statement: users } as const;
  // Of the first becomes known who it is, of the second never; the third says so itself.
  for (const n of [1, 2]) {
    store.add(auditEvent(n, 0, { ...unknown, command: 'connect', statement: null, isTls: true }));
    store.add(auditEvent(n, 1, unknown));
    store.add(auditEvent(n, 2, { ...unknown, status: 'error', errorCode: 1205 }));
    // Behind the last moment for which it is known.
    store.add(auditEvent(n, 3, { ...unknown, timeUs: START_US + 60_000_000 }));
  }
  store.add(auditEvent(1, 4, { userName: 'bob', userNameSource: 'change_user', statement: users }));
  for (let i = 0; i < 4; i++) store.add(auditEvent(3, i, { userName: 'app', statement: users }));
  for (const userName of ['bob', 'app'])
    store.add(auditEvent(4, userName.length, { userName, command: 'connect', status: 'error', errorCode: 1045 }));
  const { uid, serverId } = connectionFacts(1);
  store.addIdentity({
    connectionUid: uid,
    serverId,
    userName: 'alice',
    userUntilUs: START_US + 60_000_000,
    databaseName: 'shop',
    databaseUntilUs: NO_END_US,
    connectionId: 71,
    clientProgram: 'java',
    firstUs: START_US,
    lastUs: START_US + 60_000_000,
    knownUs: START_US + 60_000_000,
    version: 1,
  });
  await store.close();
  client = await ClickhouseClient.open(target, 'read');
});
afterAll(async () => {
  await client?.close();
  directory.remove();
});

/** @param change What is asked instead of the investigation's own SQL. */
async function answer(name: string, given: Record<string, string>, change: (sql: string) => string = (sql) => sql) {
  const investigation = BY_USER.find((each) => each.name === name)!;
  const needed = name === 'table-access' ? { table: 'users' } : {};
  const bound = bindParameters(investigation, new Map(Object.entries({ ...needed, ...given })), 0);
  const rows: unknown[] = [];
  for await (const batch of await client.query(change(investigation.sql), bound, 'JSONEachRow'))
    rows.push(...batch.map((line) => JSON.parse(line)));
  return rows as Record<string, unknown>[];
}

describe.skipIf(!hasChdb)('an investigation that is asked for a user who became known late', () => {
  it.each([
    ['who-ran-what', 'event_time', 2],
    ['overview', 'events', 3],
    ['logins', 'logins', 1],
    ['errors-by-user', 'errors', 1],
    ['table-access', 'executions', 2],
    ['frequent-digests', 'executions', 2],
    ['slowest-digests', 'executions', 2],
  ])('finds his earlier events: %s', async (name, column, events) => {
    const rows = await answer(name, { user: 'alice' });
    const counted = rows.map((row) => (column === 'event_time' ? 1 : Number(row[column])));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(events);
  });

  it.each(BY_USER.map(({ name }) => name))('answers the same where nothing is spared: %s', async (name) => {
    for (const user of ['alice', 'app', 'bob', 'nobody']) {
      const spared = await answer(name, { user });
      const whole = await answer(name, { user }, (sql) => {
        expect(sql).toMatch(SHORTCUT);
        return sql.replace(SHORTCUT, '');
      });
      expect(spared).toEqual(whole);
      if (user === 'nobody') expect(spared).toEqual([]);
    }
  });

  it('counts him among the users of a statement, and finds him by his database', async () => {
    expect(await answer('frequent-digests', {})).toMatchObject([{ users: 4 }]);
    expect(await answer('frequent-digests', { user: 'alice', database: 'shop' })).toMatchObject([{ executions: 2 }]);
  });
});
