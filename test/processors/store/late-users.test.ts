import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import { migrate } from '../../../processors/store/migrator.ts';
import { updateRollups } from '../../../processors/store/rollups.ts';
import { type ConnectionIdentity, NO_END_US } from '../../../schemas/connection-identity.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';
import { auditEvent, connectionFacts, START_US } from './events.ts';

const MINUTE_US = 60_000_000;
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

function identity(n: number, fields: Partial<ConnectionIdentity> = {}): ConnectionIdentity {
  const { uid, serverId } = connectionFacts(n);
  return {
    connectionUid: uid,
    serverId,
    userName: 'alice',
    userUntilUs: NO_END_US,
    databaseName: 'shop',
    databaseUntilUs: NO_END_US,
    connectionId: 70 + n,
    clientProgram: 'java',
    firstUs: START_US,
    lastUs: START_US + 3 * MINUTE_US,
    knownUs: START_US + 4 * MINUTE_US,
    version: START_US + 4 * MINUTE_US,
    ...fields,
  };
}

/** An event of a connection whose login was not captured. */
function unnamed(n: number, sequence: number, minute: number, fields: Parameters<typeof auditEvent>[2] = {}) {
  const timeUs = START_US + minute * MINUTE_US + sequence;
  return auditEvent(n, sequence, { userName: '', userNameSource: 'unknown', databaseName: '', timeUs, ...fields });
}

/** A store as a service has it. */
async function write(fill: (store: AuditStore) => void): Promise<void> {
  const insert = client.insert.bind(client);
  const store = new AuditStore({ insert, close: async () => {} }, {}, { client, atClose: false });
  fill(store);
  await store.close();
}

async function rowsOf(n: number) {
  const { uid } = connectionFacts(n);
  return client.rows(
    `SELECT user_name, toString(user_name_source) AS source, database_name, database_name_source, connection_id, client_program, toString(user_known_at) AS known FROM audit WHERE connection_uid = '${uid}' ORDER BY event_time`,
  );
}

describe.skipIf(!hasChdb)('a user who becomes known late', () => {
  it('is on the earlier rows of the connection, with its source and the time of knowledge', async () => {
    await write((store) => {
      store.add(unnamed(1, 1, 0));
      store.add(unnamed(1, 2, 1, { databaseName: 'hr' }));
    });
    expect(await rowsOf(1)).toMatchObject([
      { user_name: '', source: 'unknown', database_name: '', database_name_source: 'unknown', known: null },
      { user_name: '', source: 'unknown', database_name: 'hr', database_name_source: 'captured', known: null },
    ]);
    await write((store) => store.addIdentity(identity(1, { databaseUntilUs: START_US + MINUTE_US })));
    const late = {
      user_name: 'alice',
      source: 'processlist',
      known: '2026-01-01 00:04:00.000000',
      client_program: 'java',
    };
    expect(await rowsOf(1)).toMatchObject([
      { ...late, database_name: 'shop', database_name_source: 'processlist' },
      { ...late, database_name: 'hr', database_name_source: 'captured' },
    ]);
    expect(await client.rows("SELECT count() AS n FROM audit WHERE user_name = 'alice'")).toMatchObject([{ n: 2 }]);
  });

  it('is on no row of another connection, and on none that has a user itself', async () => {
    await write((store) => {
      store.add(unnamed(2, 1, 0));
      store.add(unnamed(3, 1, 0));
      store.add(unnamed(3, 2, 1, { userName: 'bob', userNameSource: 'change_user' }));
      store.addIdentity(identity(3, { userUntilUs: START_US + MINUTE_US }));
    });
    expect(await rowsOf(2)).toMatchObject([{ user_name: '', source: 'unknown' }]);
    expect(await rowsOf(3)).toMatchObject([
      { user_name: 'alice', source: 'processlist' },
      { user_name: 'bob', source: 'change_user', known: null },
    ]);
  });

  it('is the one of the newest version, in whatever order they come, and may be taken back', async () => {
    await write((store) => {
      store.add(unnamed(4, 1, 0));
      store.addIdentity(identity(4, { userName: 'new', version: START_US + 10 }));
    });
    await write((store) => store.addIdentity(identity(4, { userName: 'old', version: START_US + 9 })));
    expect(await rowsOf(4)).toMatchObject([{ user_name: 'new' }]);
    await write((store) => store.addIdentity(identity(4, { userUntilUs: 0, version: START_US + 11 })));
    expect(await rowsOf(4)).toMatchObject([{ user_name: '', source: 'unknown', known: null }]);
  });

  it('survives that the same packets are read again', async () => {
    await write((store) => {
      store.add(unnamed(5, 1, 0));
      store.addIdentity(identity(5));
    });
    await write((store) => store.add(unnamed(5, 1, 0)));
    expect(await rowsOf(5)).toMatchObject([{ user_name: 'alice' }]);
  });

  it('is in the rollups of every minute that was summed up without him', async () => {
    await write((store) => {
      for (const minute of [0, 1, 3]) store.add(unnamed(6, 1 + minute, minute, { command: 'late' }));
    });
    await updateRollups(client);
    const byUser =
      "SELECT user_name, database_name, sum(events) AS events FROM activity_per_minute WHERE command = 'late' GROUP BY user_name, database_name";
    expect(await client.rows(byUser)).toEqual([{ user_name: '', database_name: '', events: 3 }]);
    await write((store) => store.addIdentity(identity(6)));
    await updateRollups(client);
    expect(await client.rows(byUser)).toEqual([{ user_name: 'alice', database_name: 'shop', events: 3 }]);
  });

  it('of a connection that was open for long changes the minutes of a day at most', async () => {
    const insert: string[] = [];
    const store = new AuditStore(
      {
        insert: async (table) => {
          insert.push(table);
        },
        close: async () => {},
      },
      {},
      null,
    );
    store.addIdentity(identity(7, { firstUs: START_US - 30 * 1440 * MINUTE_US }));
    await store.close();
    expect(insert).toEqual(['connection_users', 'rollup_marks']);
  });
});
