import { afterAll, describe, expect, it } from 'vitest';
import { Mask } from '../../../processors/mask/mask.ts';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import type { StoreTarget } from '../../../processors/store/store-target.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import type { LedgerEntry } from '../../../schemas/ledger.ts';
import { emptyServerMinute, type ServerMinute } from '../../../schemas/server-minute.ts';
import { SqlText } from '../../../schemas/sql-text.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';
import { auditEvent, START_US } from './events.ts';

const directory = temporaryDirectory();
const target: StoreTarget = { kind: 'embedded', directory: directory.path };
afterAll(() => directory.remove());

const MINUTE: ServerMinute = {
  ...emptyServerMinute('db1', 'watch 1', START_US / 1000),
  measuredMs: 60_000,
  uncertaintyMs: 3,
  version: 1,
};
const EDGE: LedgerEntry = {
  stage: 'edge',
  origin: 'edge-1 1',
  ordinal: 0,
  serverId: 'db1',
  minuteMs: START_US / 1000,
  unit: 'seconds',
  takenIn: 60,
  passedOn: 60,
  open: 0,
  lost: {},
  impaired: {},
  version: 1,
};

let ordinal = 0;

/** What `coverage` says of a server of its own, of which these things are known. */
async function coverageOf(
  server: Partial<ServerMinute> | null,
  entries: readonly Partial<LedgerEntry>[],
  events: readonly AuditEvent[] = [],
): Promise<Record<string, unknown> | undefined> {
  const serverId = `db${++ordinal}`;
  await write((store) => {
    if (server !== null) store.addServerMinute({ ...MINUTE, serverId, ...server });
    for (const entry of entries) store.addEntry({ ...EDGE, serverId, ordinal: ordinal++, ...entry });
    for (const event of events) store.add(Object.assign(event, { connection: { ...event.connection, serverId } }));
  });
  const [row] = await read(`SELECT * FROM coverage WHERE server_id = '${serverId}'`);
  return row;
}

async function write(fill: (store: AuditStore) => void): Promise<void> {
  const store = await AuditStore.open(target);
  fill(store);
  await store.close();
}

async function read(sql: string): Promise<Record<string, unknown>[]> {
  const client = await ClickhouseClient.open(target, 'read');
  try {
    return await client.rows(sql);
  } finally {
    await client.close();
  }
}

/** So many statements of a connection. */
function statements(count: number, fields: Partial<AuditEvent> = {}, connection = 1): AuditEvent[] {
  return Array.from({ length: count }, (_, i) => auditEvent(connection, i + 1, fields));
}

describe.skipIf(!hasChdb)('coverage, beside what the server counted', () => {
  it('puts what is missing to unix sockets and TLS as the server says', async () => {
    const row = await coverageOf(
      { questions: 112, ownQuestions: 12, channels: { tcp: 40, tls: 35, socket: 25 } },
      [{}],
      statements(40),
    );
    expect(row).toMatchObject({
      executed: 100,
      seen: 40,
      share: 0.4,
      missing: { tls: 35, unix_socket: 25 },
      measured_ms: 60_000,
      uncertainty_ms: 3,
    });
  });

  it('calls unexplained what nothing explains', async () => {
    expect(await coverageOf({ questions: 100, channels: { tcp: 100 } }, [{}], statements(90))).toMatchObject({
      share: 0.9,
      missing: { unexplained: 10 },
    });
  });

  it('says that no edge reported', async () => {
    expect(await coverageOf({ questions: 100, channels: { tls: 30 } }, [])).toMatchObject({
      share_complete: null,
      seen: 0,
      share: 0,
      missing: { tls: 30, not_reported: 70 },
    });
  });

  it('puts no more to seconds without capture than the server did at its busiest', async () => {
    const paused = { takenIn: 60, passedOn: 50, lost: { capture_not_running: 10 } };
    const minute = { questions: 600, channels: { tcp: 600 } };
    expect(await coverageOf({ ...minute, peakPerSecond: 10 }, [paused], statements(500))).toMatchObject({
      missing: { capture_not_running: 100 },
    });
    expect(await coverageOf({ ...minute, peakPerSecond: 10 }, [paused], statements(300))).toMatchObject({
      missing: { capture_not_running: 110, unexplained: 190 },
    });
  });

  it('turns packets, bytes and messages that were lost into statements as those that arrived came to', async () => {
    const decoded = { stage: 'decode', unit: 'events', takenIn: 100, passedOn: 100 } as const;
    const row = await coverageOf(
      { questions: 200, channels: { tcp: 200 } },
      [
        { unit: 'bytes', takenIn: 12_000, passedOn: 10_000, lost: { gap: 2_000, tls: 0 } },
        { unit: 'messages', takenIn: 260, passedOn: 200, lost: { spool_overflow: 60 } },
        decoded,
      ],
      statements(100),
    );
    expect(row).toMatchObject({ missing: { gap: 20, spool_overflow: 30, unexplained: 50 } });
  });

  it('goes by what is in the trail where nothing is reported behind the capture, as of a run', async () => {
    const capture = [
      { unit: 'packets', takenIn: 1_100, passedOn: 1_000, lost: { kernel_drop: 100 } },
      { unit: 'bytes', takenIn: 12_000, passedOn: 10_000, lost: { gap: 2_000 } },
    ] as const;
    const row = await coverageOf({ questions: 130, channels: { tcp: 130 } }, capture, statements(100));
    expect(row).toMatchObject({ missing: { drop: 10, gap: 10, unexplained: 10 } });
    const nothing = await coverageOf({ questions: 600, channels: { tcp: 600 } }, capture);
    expect(nothing).toMatchObject({ missing: { drop: 50, unexplained: 550 } });
  });

  it('shares in proportion where the ledger lost more than is missing, and the parts add up', async () => {
    const row = await coverageOf(
      { questions: 107, peakPerSecond: 100, channels: { tcp: 107 } },
      [
        { takenIn: 60, passedOn: 59, lost: { capture_not_running: 1 } },
        { stage: 'mask', unit: 'events', takenIn: 200, passedOn: 100, lost: { rejected: 100 } },
      ],
      statements(100),
    );
    expect(row).toMatchObject({ missing: { capture_not_running: 5, in_processing: 2 } });
  });

  it('compares nothing in a minute that was not measured whole', async () => {
    expect(await coverageOf({ questions: 100, measuredMs: 30_000 }, [{}], statements(90))).toMatchObject({
      executed: 100,
      seen: 90,
      share: null,
      missing: {},
    });
    expect(await coverageOf(null, [{}], statements(9))).toMatchObject({ executed: null, seen: 9, share: null });
    expect(await coverageOf(null, [], statements(9))).toBeUndefined();
  });

  it('does not take what watcher and alerts lose for a part of the trail', async () => {
    const lost = { takenIn: 10, passedOn: 0, unit: 'records', lost: { rejected: 10 } } as const;
    expect(
      await coverageOf(
        { questions: 9 },
        [
          { ...lost, stage: 'watch' },
          { ...lost, stage: 'alert' },
        ],
        [],
      ),
    ).toMatchObject({
      share_complete: null,
      missing: { not_reported: 9 },
      lost: { 'watch.records.rejected': 10, 'alert.records.rejected': 10 },
    });
    expect(await coverageOf(null, [{}, { ...lost, stage: 'watch' }])).toMatchObject({ share_complete: 1 });
  });

  it('takes one reader of a minute, the one that measured most of it, and its newest word', async () => {
    await write((store) => {
      const base = { ...MINUTE, serverId: 'read twice' };
      store.addServerMinute({ ...base, origin: 'watch 1', questions: 7, measuredMs: 20_000 });
      store.addServerMinute({ ...base, origin: 'watch 2', questions: 30, version: 9 });
      store.addServerMinute({ ...base, origin: 'watch 2', questions: 20, version: 8 });
    });
    expect(await read("SELECT executed, measured_ms FROM coverage WHERE server_id = 'read twice'")).toEqual([
      { executed: 30, measured_ms: 60_000 },
    ]);
  });

  it('says that all is there where it is', async () => {
    expect(await coverageOf({ questions: 50 }, [{}], statements(50))).toMatchObject({ share: 1, missing: {} });
    expect(await coverageOf({ questions: 0 }, [{}])).toMatchObject({ share: 1, missing: {} });
    expect(await coverageOf({ questions: 49 }, [{}], statements(50))).toMatchObject({ share: 1, missing: {} });
  });
});

describe.skipIf(!hasChdb)('seen_per_minute', () => {
  const mask = new Mask();

  async function seen(...events: Partial<AuditEvent>[]): Promise<unknown> {
    const serverId = `seen ${++ordinal}`;
    await write((store) => {
      for (const [i, fields] of events.entries()) {
        const event = auditEvent(1, i + 1, { statement: null, ...fields });
        event.connection = { ...event.connection, serverId };
        mask.apply(event);
        store.add(event);
      }
    });
    return (await read(`SELECT seen FROM seen_per_minute WHERE server_id = '${serverId}'`))[0]?.['seen'];
  }

  function query(text: string): Partial<AuditEvent> {
    const bytes = Buffer.from(text);
    const mode = { charset: 'utf8mb4', ansiQuotes: false, noBackslashEscapes: false };
    return { sql: new SqlText(bytes, 0, bytes.length, mode, 'none'), statementBytes: bytes.length };
  }

  it('counts the commands that the server counts as Questions, and no other', async () => {
    const counted = [
      'query',
      'execute',
      'bulk_execute',
      'fetch',
      'send_long_data',
      'init_db',
      'field_list',
      'debug',
    ].concat([
      'process_info',
      'process_kill',
      'set_option',
      'reset_connection',
      'change_user',
      'refresh',
      'unknown',
      'quit',
    ]);
    const others = ['connect', 'prepare', 'close', 'reset', 'ping', 'statistics'];
    expect(await seen(...[...counted, ...others].map((command) => ({ command })))).toBe(counted.length);
  });

  it('counts each text of a command of several, but not what programs are made of', async () => {
    expect(await seen(query("SELECT 1; SELECT ';;'; DO 3"))).toBe(3);
    expect(await seen(query('SELECT 1;'))).toBe(1);
    expect(await seen(query('SELECT 1; \n'))).toBe(1);
    expect(await seen(query('SELECT `a;b` FROM t'))).toBe(1);
    expect(await seen(query('CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END'))).toBe(1);
    expect(
      await seen(
        query(
          'CREATE DEFINER=root@localhost TRIGGER t BEFORE INSERT ON u FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END',
        ),
      ),
    ).toBe(1);
    expect(await seen(query('BEGIN NOT ATOMIC SELECT 1; SELECT 2; END'))).toBe(1);
    expect(await seen(query('BEGIN; SELECT 2; COMMIT'))).toBe(3);
    expect(await seen({ ...query('SELECT 1; SELECT x'), status: 'error' })).toBe(1);
  });

  it('leaves out connections of the watcher as a whole, known by their program or by what they send', async () => {
    expect(await seen({ ...query('SELECT 1'), clientProgram: 'sqltrail-watch' }, query('SELECT 2'))).toBeUndefined();
    expect(await seen(query("SELECT 'status' AS sqltrail_watch, a FROM t"), query('SELECT 2'))).toBeUndefined();
    expect(await seen(query("SELECT 'sqltrail_watch'"), query('SELECT 2'))).toBe(2);
  });
});
