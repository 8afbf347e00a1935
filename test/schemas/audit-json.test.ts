import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuditEvent } from '../../schemas/audit-event.ts';
import { auditJson } from '../../schemas/audit-json.ts';
import { auditSchema } from '../../schemas/audit-schema.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import { SqlText } from '../../schemas/sql-text.ts';

const connection = {
  uid: 'ab'.repeat(16),
  serverId: 's',
  clientAddress: '::1',
  clientPort: 1,
  serverAddress: '10.0.0.1',
  serverPort: 3306,
};

function rawEvent(hex: string, charset: string): AuditEvent {
  const event = new AuditEvent(connection);
  const bytes = Buffer.from(hex, 'hex');
  event.sql = new SqlText(bytes, 0, bytes.length, { charset, noBackslashEscapes: null, ansiQuotes: null });
  return event;
}

describe('auditJson', () => {
  it('has the fields of the public schema in its order, raw ones only when asked', () => {
    const event = new AuditEvent(connection);
    const names = Object.keys(auditSchema.shape);
    expect(Object.keys(auditJson(event, false))).toEqual(names.slice(0, -4));
    expect(Object.keys(auditJson(event, true))).toEqual(names.slice(0, -1));
    event.statementShown = 'SELECT 1';
    expect(Object.keys(auditJson(event, true))).toEqual(names);
    expect(auditSchema.parse(auditJson(event, true))).toBeTruthy();
    expect(auditSchema.parse(auditJson(event, false))).toBeTruthy();
  });

  it.each([
    ['utf8mb4', '27e6bca227', "'漢'"],
    ['', '27e6bca227', "'漢'"],
    ['gbk', '27ba bad7d6 27', "'汉字'"],
    ['sjis', '278abf8e9a27', "'漢字'"],
    ['big5', '27a4a4a4e527', "'中文'"],
    ['latin1', '27e98027', "'é€'"],
    ['cp1251', 'cff0', 'Пр'],
    ['ucs2', '00530045', 'SE'],
    ['swe7', '5345', 'SE'],
    ['utf8mb4', '27ff00c327', "'\ufffd\u0000\ufffd'"],
  ])('reads the unmasked text in %s: %s', (charset, hex, text) => {
    expect(auditJson(rawEvent(hex.replaceAll(' ', ''), charset), true).statement_raw).toBe(text);
  });

  it('keeps control characters out of a line', () => {
    expect(JSON.stringify(auditJson(rawEvent('0a0d1b', 'utf8mb4'), true))).toContain('"\\n\\r\\u001b"');
  });
});

describe('isoTime', () => {
  it.each([
    [0, '1970-01-01T00:00:00.000000Z'],
    [1_767_225_599_999_999, '2025-12-31T23:59:59.999999Z'],
    [1_767_225_600_000_001, '2026-01-01T00:00:00.000001Z'],
    [-1, '1970-01-01T00:00:00.000000Z'],
    [Number.NaN, '1970-01-01T00:00:00.000000Z'],
    [Number.POSITIVE_INFINITY, '2106-02-07T06:28:15.999999Z'],
  ])('writes %d as %s', (us, text) => {
    expect(isoTime(us)).toBe(text);
  });

  it('agrees with Date on every millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_294_967_295_999 }), (ms) => {
        expect(isoTime(ms * 1000)).toBe(`${new Date(ms).toISOString().slice(0, -1)}000Z`);
      }),
    );
  });
});
