import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuditEvent, type ConnectionFacts } from '../../schemas/audit-event.ts';
import { auditJson } from '../../schemas/audit-json.ts';
import { auditLine, MASKED_LIMIT_BYTES, readAuditRecord } from '../../schemas/audit-record.ts';
import { auditSchema } from '../../schemas/audit-schema.ts';
import { SqlText } from '../../schemas/sql-text.ts';
import type { Statement } from '../../schemas/statement.ts';
import { anyBytes, damaged, maskedEvent, unmaskedEvent } from './records-support.ts';

const FACTS: ConnectionFacts = {
  uid: '0123456789abcdef0123456789abcdef',
  serverId: 'db1',
  clientAddress: '10.0.0.1',
  clientPort: 50_000,
  serverAddress: '10.0.0.2',
  serverPort: 3306,
};
const SELECT: Statement = {
  digest: 'f'.repeat(32),
  masked: 'SELECT ?',
  kind: 'select',
  tables: ['t'],
  parse: 'parsed',
};

function event(values: Partial<AuditEvent> = {}): AuditEvent {
  return Object.assign(new AuditEvent(FACTS), { sequence: 1, command: 'query', statement: SELECT }, values);
}

function read(value: Buffer | string): { events: AuditEvent[]; lines: number[]; bad: number[] } {
  const result = { events: [] as AuditEvent[], lines: [] as number[], bad: [] as number[] };
  readAuditRecord(Buffer.from(value), {
    event: (each, line) => {
      result.events.push(each);
      result.lines.push(line);
    },
    bad: (line) => result.bad.push(line),
  });
  return result;
}

describe('a record of mysql.audit.v1', () => {
  it('gives back every event that was written', () => {
    fc.assert(
      fc.property(fc.array(maskedEvent, { minLength: 1, maxLength: 4 }), (events) => {
        const { events: back, bad } = read(events.map((each) => auditLine(each, false)).join('\n'));
        expect(bad).toEqual([]);
        expect(back.map((each) => auditJson(each, false))).toEqual(events.map((each) => auditJson(each, false)));
        expect(back.map((each) => each.sequence)).toEqual(events.map((each) => each.sequence));
      }),
    );
  });

  it('has lines that are exactly the JSON of the event', () => {
    fc.assert(
      fc.property(maskedEvent, (each) => {
        expect(auditLine(each, false)).toBe(JSON.stringify(auditJson(each, false)));
      }),
    );
  });

  it('has lines as the schema describes them, which hold nothing unmasked unless asked for', () => {
    const raw = event({ sql: new SqlText(Buffer.from("SELECT 's3cret'"), 0, 15, { ...RAW }), parameters: ['s3cret'] });
    expect(auditLine(raw, false)).not.toContain('s3cret');
    expect(auditSchema.parse(JSON.parse(auditLine(raw, false)))).toEqual(auditJson(raw, false));
    const [back] = read(auditLine(raw, true)).events;
    expect(auditJson(back!, true)).toEqual(auditJson(raw, true));
  });

  it('cuts a masked text at 1 MiB and at the end of a character, and changes nothing else', () => {
    for (const character of ['a', 'é', '€', '😀']) {
      const masked = character.repeat(MASKED_LIMIT_BYTES / Buffer.byteLength(character) + 1);
      const line = auditLine(event({ statement: { ...SELECT, masked } }), false);
      const row = auditSchema.parse(JSON.parse(line));
      expect(row.statement_masked.endsWith(`${character}…`)).toBe(true);
      expect(masked.startsWith(row.statement_masked.slice(0, -1))).toBe(true);
      const bytes = Buffer.byteLength(row.statement_masked);
      expect(bytes).toBeLessThanOrEqual(MASKED_LIMIT_BYTES);
      expect(bytes).toBeGreaterThan(MASKED_LIMIT_BYTES - 5);
      expect([row.completeness, row.statement_digest]).toEqual(['complete', SELECT.digest]);
    }
  });

  it('leaves a masked text of exactly 1 MiB whole', () => {
    const masked = 'a'.repeat(MASKED_LIMIT_BYTES);
    expect(read(auditLine(event({ statement: { ...SELECT, masked } }), false)).events[0]?.statement?.masked).toBe(
      masked,
    );
  });

  it('shares connection and statement between events', () => {
    const record = [1, 2].map((sequence) => auditLine(event({ sequence }), false)).join('\n');
    const events = [...read(record).events, ...read(record).events];
    expect(new Set(events.map((each) => each.connection)).size).toBe(1);
    expect(new Set(events.map((each) => each.statement)).size).toBe(1);
  });

  it('never gives an event the text or the address of another, whatever claims the same digest or uid', () => {
    const other = { ...SELECT, masked: 'DROP TABLE t', tables: [] };
    const moved = { ...FACTS, clientAddress: '10.9.9.9' };
    const wanted = [event(), event({ statement: other }), event({ connection: moved }), event()];
    const { events } = read(wanted.map((each) => auditLine(each, false)).join('\n'));
    expect(events.map((each) => auditJson(each, false))).toEqual(wanted.map((each) => auditJson(each, false)));
  });

  it('tells which lines are none, and reads the others', () => {
    const good = auditLine(event(), false);
    const otherId = good.replace(/"event_id":"0/, '"event_id":"1');
    const record = ['', good, '{}', 'no json', otherId, good.replace('"status":"unknown"', '"status":"later"'), good];
    expect(read(`${record.join('\n')}\n`)).toMatchObject({ lines: [1, 6], bad: [2, 3, 4, 5] });
  });

  it('ignores fields that it does not know', () => {
    const line = auditLine(event(), false).replace('{', '{"added_later":[1],');
    expect(read(line).events).toHaveLength(1);
  });

  it('accepts exactly the rows that the schema accepts', () => {
    const keys = Object.keys(auditJson(event(), true));
    const strange = fc.oneof(fc.anything(), fc.constantFrom('ok', 65_536, -1, 0.5, 2 ** 53, [], [1]));
    fc.assert(
      fc.property(unmaskedEvent, fc.constantFrom(...keys), strange, (each, key, value) => {
        const row = JSON.parse(auditLine(each, true));
        row[key] = value;
        const line = JSON.stringify(row);
        const isRow = auditSchema.safeParse(JSON.parse(line)).success;
        if (!isRow) expect(read(line).events).toEqual([]);
        else if (!['event_id', 'connection_uid', 'event_time'].includes(key)) expect(read(line).bad).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never throws, and every event it gives can be written again', () => {
    const lines = maskedEvent.map((each) => auditLine(each, false));
    fc.assert(
      fc.property(fc.oneof(anyBytes, damaged(lines)), (bytes) => {
        for (const each of read(bytes).events) auditSchema.parse(JSON.parse(auditLine(each, false)));
        return true;
      }),
      { numRuns: 2_000 },
    );
  });
});

const RAW = { charset: 'utf8mb4', noBackslashEscapes: null, ansiQuotes: null };
