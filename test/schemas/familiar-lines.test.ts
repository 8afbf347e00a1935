import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuditEvent } from '../../schemas/audit-event.ts';
import { auditJson } from '../../schemas/audit-json.ts';
import { auditLine, readAuditRecord } from '../../schemas/audit-record.ts';
import { eventOfRow } from '../../schemas/event-of-row.ts';
import { FamiliarLines } from '../../schemas/familiar-lines.ts';
import { hasAuditTypes } from '../../schemas/has-audit-types.ts';
import { parsedJson } from '../../schemas/parsed-json.ts';
import { maskedEvent } from './records-support.ts';

/** Session, statement and ending. */
const PARTS = 3;
const count = fc.oneof(fc.nat(5000), fc.nat(999_999_999_999_999));

/** Events as they mostly are: without an error, a hash or a huge number. */
const ordinary = fc
  .tuple(maskedEvent, fc.array(count, { minLength: 8, maxLength: 8 }), fc.constantFrom('query', 'execute', 'quit'))
  .map(([event, numbers, command]): AuditEvent => {
    const [statementBytes, affectedRows, returnedRows, lastInsertId, requestBytes, responseBytes, ...times] = numbers;
    const [durationUs, firstRowUs] = times;
    const plain = {
      command,
      statementHash: '',
      statementShown: '',
      sqlState: '',
      errorMessageMasked: '',
      lastInsertId,
    };
    const counts = { statementBytes, affectedRows, returnedRows, requestBytes, responseBytes, durationUs, firstRowUs };
    // Later years are left to the long way.
    const timeUs = event.timeUs % 4_000_000_000_000_000;
    return Object.assign(event, plain, counts, { timeUs }) as AuditEvent;
  });

/** What JSON alone makes of a line. */
function longWay(line: Buffer): unknown {
  const row = parsedJson(line.toString());
  const event = hasAuditTypes(row) ? eventOfRow(row, 'skipped') : null;
  return event === null ? null : { ...auditJson(event, true), sequence: event.sequence };
}

function read(record: Buffer): unknown[] {
  const all: unknown[] = [];
  readAuditRecord(record, {
    event: (event) => all.push({ ...auditJson(event, true), sequence: event.sequence }),
    bad: () => all.push(null),
  });
  return all;
}

/** Reads a line as often as it takes to know all its parts. */
function learn(lines: FamiliarLines, event: AuditEvent): Buffer {
  const text = auditLine(event, false);
  const bytes = Buffer.from(text);
  for (let i = 0; i < PARTS; i++) if (lines.read(bytes, 0, bytes.length) === null) lines.learn(event, text);
  return bytes;
}

describe('familiar lines', () => {
  it('never give an event what a policy showed of another', () => {
    fc.assert(
      fc.property(ordinary, fc.string({ minLength: 1 }), (event, statementShown) => {
        const lines = new FamiliarLines();
        learn(lines, Object.assign(new AuditEvent(event.connection), event, { statementShown }));
        const line = learn(lines, event);
        expect(lines.read(line, 0, line.length)?.statementShown ?? '').toBe('');
      }),
    );
  });

  it('are all that are written of ordinary events, once their session, statement and ending were seen', () => {
    fc.assert(
      fc.property(ordinary, fc.nat(), count, (event, sequence, timeUs) => {
        // Of characters that UTF-8 cannot carry.
        fc.pre(Buffer.from(auditLine(event, false)).toString() === auditLine(event, false));
        const lines = new FamiliarLines();
        learn(lines, event);
        const next = Object.assign(new AuditEvent(event.connection), event, { sequence, timeUs });
        const line = Buffer.from(auditLine(next, false));
        const back = lines.read(line, 0, line.length);
        expect(back).not.toBeNull();
        expect(auditJson(back!, false)).toEqual(auditJson(next, false));
        expect(back!.sequence).toBe(sequence);
      }),
      { numRuns: 500 },
    );
  });

  it('never say anything else than JSON does, whatever is changed in a line', () => {
    const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('0",:{}[]\\et'))));
    fc.assert(
      fc.property(ordinary, fc.array(change, { maxLength: 3 }), fc.nat(), fc.nat(), (event, changes, from, to) => {
        const line = Buffer.from(auditLine(event, false));
        for (let i = 0; i < PARTS; i++) read(line);
        expect(read(line)).toEqual([longWay(line)]);
        const changed = Buffer.from(line);
        for (const [at, byte] of changes) if (byte !== 0x0a) changed[at % changed.length] = byte;
        expect(read(changed)).toEqual([longWay(changed)]);
        // A piece left out, and one twice.
        const [a, b] = [from % line.length, to % line.length];
        for (const spliced of [
          Buffer.concat([line.subarray(0, Math.min(a, b)), line.subarray(Math.max(a, b))]),
          Buffer.concat([line.subarray(0, Math.max(a, b)), line.subarray(Math.min(a, b))]),
        ])
          expect(read(spliced)).toEqual([longWay(spliced)]);
      }),
      { numRuns: 1500 },
    );
  });

  it.each([
    ['a leading zero', /"warnings":\d+/, '"warnings":01'],
    ['a port beyond its range', /"client_port":\d+/, '"client_port":65536'],
    ['a code beyond its range', /"error_code":\d+/, '"error_code":65536'],
    ['a day that its month does not have', /"event_time":"\d{4}-\d\d-\d\d/, '"event_time":"2026-02-30'],
    ['an hour there is not', /T\d\d:/, 'T24:'],
    ['an id of another connection', /"event_id":"./, '"event_id":"g'],
    ['a blank behind a comma', ',"command"', ', "command"'],
    ['text behind its end', /\}$/, '}}'],
  ])('do not hide %s', (_, pattern, replacement) => {
    const [event] = fc.sample(ordinary, 1);
    const line = auditLine(event!, false);
    for (let i = 0; i < PARTS; i++) read(Buffer.from(line));
    const changed = Buffer.from(line.replace(pattern, replacement));
    expect(changed.toString()).not.toBe(line);
    expect(read(changed)).toEqual([longWay(changed)]);
  });

  it('do not lose what a policy shows of a text, nor show it of another', () => {
    const [event] = fc.sample(ordinary, 1);
    const lines = ['SELECT 1', '', 'SELECT 2'].map((statementShown) =>
      Buffer.from(auditLine(Object.assign(new AuditEvent(event!.connection), event, { statementShown }), false)),
    );
    for (let i = 0; i < PARTS; i++) for (const line of lines) read(line);
    for (const line of lines) expect(read(line)).toEqual([longWay(line)]);
  });

  it('forget what they learnt when it grows, and learn anew', () => {
    const lines = new FamiliarLines();
    const [event] = fc.sample(ordinary, 1);
    const masked = (i: number) => ({
      ...event!.statement!,
      digest: 'd'.repeat(32),
      kind: 'select',
      tables: [],
      parse: 'skipped' as const,
      masked: `${i}${'x'.repeat(7000)}`,
    });
    const make = (i: number) => Object.assign(new AuditEvent(event!.connection), event, { statement: masked(i) });
    for (let i = 0; i < 3000; i++) learn(lines, make(i));
    const line = learn(lines, make(0));
    expect(lines.read(line, 0, line.length)?.statement?.masked).toBe(masked(0).masked);
  });
});
