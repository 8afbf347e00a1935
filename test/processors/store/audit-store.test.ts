import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import type { StoreTarget } from '../../../processors/store/store-target.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { auditJson } from '../../../schemas/audit-json.ts';
import { auditSchema, LATE_COLUMNS } from '../../../schemas/audit-schema.ts';
import { SqlText } from '../../../schemas/sql-text.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';
import { auditEvent, connectionFacts, START_US, statementOf } from './events.ts';

const directory = temporaryDirectory();
const target: StoreTarget = { kind: 'embedded', directory: directory.path };

async function write(
  events: readonly AuditEvent[],
  options: { dangerouslyKeepRaw?: boolean; batchRows?: number } = {},
): Promise<AuditStore> {
  const store = await AuditStore.open(target, options);
  for (const event of events) {
    store.add(event);
    await store.ready();
  }
  await store.close();
  return store;
}

async function read(sql: string): Promise<Record<string, unknown>[]> {
  const client = await ClickhouseClient.open(target, 'read');
  try {
    return await client.rows(sql);
  } finally {
    await client.close();
  }
}

/** What the engine prints of an event: its own spelling of times, everything else as in ndjson. */
function asStored(event: AuditEvent): Record<string, unknown> {
  const row: Record<string, unknown> = { ...auditJson(event, false), statement_shown: event.statementShown };
  row['event_time'] = String(row['event_time']).slice(0, -1).replace('T', ' ');
  return row;
}

beforeAll(() => {
  expect(directory.path).not.toBe('');
});
afterAll(() => directory.remove());

describe.skipIf(!hasChdb)('AuditStore on the embedded engine', () => {
  it('stores every field of an event under its public name', async () => {
    const full = auditEvent(1, 5, {
      connectionId: 4_000_000_000,
      serverVersion: '8.4.1',
      isTls: true,
      userNameSource: 'change_user',
      clientProgram: 'mysqldump',
      statementBytes: 70_000_000_000,
      status: 'error',
      errorCode: 1064,
      sqlState: '42000',
      errorMessageMasked: "near '?'",
      affectedRows: 2 ** 40 + 3,
      returnedRows: 7,
      lastInsertId: 12,
      warnings: 2,
      requestBytes: 100,
      responseBytes: 5_000_000_000,
      durationUs: 1234,
      firstRowUs: 1000,
      inTransaction: true,
      noIndexUsed: true,
      completeness: 'gap',
      ruleIds: ['a-rule', 'b-rule'],
      riskLevel: 'critical',
      statementShown: 'SELECT ?h1:9f86d081884c7d659a2feaa0',
    });
    const bare = auditEvent(2, 0, { command: 'ping', statement: null, status: 'unknown' });
    await write([full, bare]);
    const rows = await read(
      `SELECT * EXCEPT (statement_raw, parameters, query_attributes, ${LATE_COLUMNS.join(', ')}) FROM audit ORDER BY event_time DESC`,
    );
    expect(rows).toEqual([asStored(full), asStored(bare)]);
  });

  it('has the columns of the public schema in its order', async () => {
    const columns = await read('DESCRIBE audit');
    expect(columns.map((column) => column['name'])).toEqual([...Object.keys(auditSchema.shape), ...LATE_COLUMNS]);
  });

  it('keeps what the policy shows of each event apart from the text that they share', async () => {
    const shown = ['a = ?h1:9f86d081884c7d659a2feaa0', '', 'a = ?h1:0123456789abcdef01234567'];
    await write(shown.map((statementShown, i) => auditEvent(133, i, { statementShown })));
    const rows = await read(
      "SELECT statement_shown, statement_masked FROM audit WHERE client_address = '10.0.1.133' ORDER BY event_time",
    );
    expect(rows.map((row) => row['statement_shown'])).toEqual(shown);
    expect(new Set(rows.map((row) => row['statement_masked'])).size).toBe(1);
  });

  it('adds no row when the same events are written again in other batches', async () => {
    const events = Array.from({ length: 1000 }, (_, i) => auditEvent(3 + (i % 4), i));
    const [before] = await read('SELECT count() AS n FROM audit');
    await write(events);
    await write(events, { batchRows: 77 });
    const [after] = await read('SELECT count() AS n, uniqExact(event_id) AS ids FROM audit');
    expect(Number(after?.['n'])).toBe(Number(before?.['n']) + 1000);
    expect(after?.['ids']).toBe(after?.['n']);
  });

  it('takes a batch that is sent again once, and the next one in full', async () => {
    const client = await ClickhouseClient.open(target, 'write');
    const store = new AuditStore({
      insert: async (table, structure, block, token) => {
        await client.insert(table, structure, block, token);
        await client.insert(table, structure, block, token);
      },
      close: () => client.close(),
    });
    const stored = async () =>
      Number((await client.rows("SELECT count() AS n FROM audit_events WHERE client_address = '10.0.1.20'"))[0]?.['n']);
    for (let i = 0; i < 10; i++) store.add(auditEvent(20, i));
    await store.flush();
    expect(await stored()).toBe(10);
    for (let i = 10; i < 15; i++) store.add(auditEvent(20, i));
    await store.flush();
    expect(await stored()).toBe(15);
    await store.close();
  });

  it('keeps a later version of an event, such as one whose user became known', async () => {
    await write([auditEvent(30, 1, { userName: '', userNameSource: 'unknown' })]);
    await write([auditEvent(30, 1, { userName: 'late', userNameSource: 'processlist' })]);
    expect(await read("SELECT user_name, user_name_source FROM audit WHERE client_address = '10.0.1.30'")).toEqual([
      { user_name: 'late', user_name_source: 'processlist' },
    ]);
  });

  it('survives times of any kind, on more days than the engine takes by default', async () => {
    const times = [
      0,
      -5,
      Number.NaN,
      1e30,
      4_294_967_295_999_999,
      ...Array.from({ length: 150 }, (_, day) => START_US + day * 86_400e6),
    ];
    await write(times.map((timeUs, i) => auditEvent(31, i, { timeUs })));
    const [row] = await read(
      "SELECT count() AS n, min(event_time) AS first, max(event_time) AS last FROM audit WHERE client_address = '10.0.1.31'",
    );
    expect(row).toEqual({ n: 155, first: '1970-01-01 00:00:00.000000', last: '2106-02-07 06:28:15.999999' });
  });

  it('moves numbers outside a column to its ends', async () => {
    await write([
      auditEvent(32, 0, {
        errorCode: 70_000,
        warnings: -1,
        lastInsertId: '18446744073709551615',
        affectedRows: 1e30,
        returnedRows: Number.NaN,
        durationUs: -4,
      }),
      auditEvent(32, 1, {
        lastInsertId: '99999999999999999999',
        affectedRows: Number.POSITIVE_INFINITY,
        durationUs: 2 ** 32,
      }),
      auditEvent(32, 2, { lastInsertId: 'no number', affectedRows: 2 ** 53 }),
    ]);
    const sql =
      "SELECT error_code AS e, warnings AS w, toString(last_insert_id) AS i, toString(affected_rows) AS a, returned_rows AS r, duration_us AS d FROM audit WHERE client_address = '10.0.1.32' ORDER BY event_time";
    const top = '18446744073709551615';
    expect(await read(sql)).toEqual([
      { e: 65535, w: 0, i: top, a: top, r: 0, d: 0 },
      { e: 0, w: 0, i: top, a: top, r: 0, d: 2 ** 32 },
      { e: 0, w: 0, i: '0', a: '9007199254740992', r: 0, d: 0 },
    ]);
  });

  it('gives back any text as it was, in every kind of text column', async () => {
    const texts = [
      ...fc.sample(fc.string({ unit: 'binary', maxLength: 300 }), { numRuns: 150, seed: 7 }),
      'tab\t newline\n return\r backslash\\ quote\' "double" nul\0 end',
      '\\N',
      '漢字 🎉 \u202e',
      'x'.repeat(127),
      'x'.repeat(128),
      'é'.repeat(64),
      'long '.repeat(200_000),
    ];
    const events = texts.map((text, i) =>
      auditEvent(33, i, {
        userName: text,
        errorMessageMasked: text,
        ruleIds: ['first', text],
        statement: { ...statementOf('', [text]), digest: `text${i}`, masked: text },
      }),
    );
    await write(events);
    const rows = await read(
      "SELECT user_name, error_message_masked, rule_ids[2] AS rule, tables[1] AS t, statement_masked FROM audit WHERE client_address = '10.0.1.33' ORDER BY event_time",
    );
    const wellFormed = texts.map((text) => Buffer.from(text).toString());
    expect(rows).toEqual(
      wellFormed.map((text) => ({
        user_name: text,
        error_message_masked: text,
        rule: text,
        t: text,
        statement_masked: text,
      })),
    );
  });

  it('replaces a lone surrogate, which no encoding can hold', async () => {
    await write([auditEvent(34, 0, { userName: 'a\ud800b' })]);
    expect(await read("SELECT user_name FROM audit WHERE client_address = '10.0.1.34'")).toEqual([
      { user_name: 'a\ufffdb' },
    ]);
  });

  it('writes the text of a statement once, and finds events by it', async () => {
    const events = Array.from({ length: 40 }, (_, i) =>
      auditEvent(35, i, { statement: statementOf(i % 2 === 0 ? 'SELECT zebra' : 'SELECT horse') }),
    );
    const store = await write(events, { batchRows: 10 });
    expect(store.counters).toMatchObject({ events: 40, statements: 2, batches: 4 });
    expect(await read("SELECT count() AS n FROM statements WHERE masked LIKE '%zebra%'")).toEqual([{ n: 1 }]);
    expect(await read("SELECT count() AS n FROM audit WHERE statement_masked LIKE '%zebra%'")).toEqual([{ n: 20 }]);
  });

  it('keeps the earliest time a statement was seen', async () => {
    await write([auditEvent(36, 500, { statement: statementOf('SELECT early') })]);
    await write([auditEvent(36, 2, { statement: statementOf('SELECT early') })]);
    const [row] = await read("SELECT min(first_seen) AS t FROM statements FINAL WHERE masked = 'SELECT early'");
    expect(row).toEqual({ t: '2026-01-01 00:00:00.002000' });
  });

  it('holds unmasked text and values only where that is asked for', async () => {
    const bytes = Buffer.from("SELECT 'secret'");
    const sql = new SqlText(bytes, 0, bytes.length, { charset: 'utf8mb4', noBackslashEscapes: null, ansiQuotes: null });
    const raw = { sql, parameters: ['x', 1, null], queryAttributes: { trace: 'abc' } };
    await write([auditEvent(37, 0, raw)]);
    await write([auditEvent(37, 1, raw)], { dangerouslyKeepRaw: true });
    expect(
      await read(
        "SELECT statement_raw, parameters, query_attributes FROM audit WHERE client_address = '10.0.1.37' ORDER BY event_time",
      ),
    ).toEqual([
      { statement_raw: '', parameters: '', query_attributes: '' },
      { statement_raw: "SELECT 'secret'", parameters: '["x",1,null]', query_attributes: '{"trace":"abc"}' },
    ]);
  });

  it('keeps the order of a connection in its event ids', async () => {
    const facts = { ...connectionFacts(38), uid: `${'0'.repeat(16)}00000000fffffffd` };
    const events = Array.from({ length: 6 }, (_, i) =>
      Object.assign(auditEvent(38, i), { connection: facts, timeUs: START_US }),
    );
    await write(events);
    const rows = await read(
      "SELECT toString(event_id) AS id FROM audit WHERE client_address = '10.0.1.38' ORDER BY event_time, event_id",
    );
    expect(rows.map((row) => row['id'])).toEqual(events.map((event) => auditJson(event, false).event_id));
  });

  it('reads only the days, servers and granules a filter on the view asks for', async () => {
    const plan = await read(
      "EXPLAIN indexes = 1 SELECT user_name, statement_masked FROM audit WHERE event_time >= '2026-03-01 00:00:00' AND event_time < '2026-03-02 00:00:00'",
    );
    const text = plan.map((row) => row['explain']).join('\n');
    expect(text).toMatch(/Min-Max[\s\S]*?Parts: 1\/\d{2,}/);
  });

  it('leaves nothing but the engine’s own files behind', async () => {
    const { readdirSync } = await import('node:fs');
    expect(readdirSync(directory.path).filter((name) => name.startsWith('sqltrail'))).toEqual([]);
  });
});
