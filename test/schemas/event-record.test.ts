import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { eventLine, readEventRecord } from '../../schemas/event-record.ts';
import type { Loss } from '../../schemas/loss.ts';
import { SqlText } from '../../schemas/sql-text.ts';
import { anyBytes, anyLoss, damaged, unmaskedEvent } from './records-support.ts';

function read(value: Buffer | string): { outputs: (AuditEvent | Loss)[]; bad: number[] } {
  const result = { outputs: [] as (AuditEvent | Loss)[], bad: [] as number[] };
  readEventRecord(Buffer.from(value), {
    output: (output) => result.outputs.push(output),
    bad: (line) => result.bad.push(line),
  });
  return result;
}

/** What stays within decode is not passed on. */
function passedOn(output: AuditEvent | Loss): object {
  return { ...output, targetDatabase: '', targetCollation: 0, origin: null };
}

const anyOutput: fc.Arbitrary<AuditEvent | Loss> = fc.oneof(unmaskedEvent, anyLoss);

describe('a record between stages', () => {
  it('gives back every event and loss with all that later stages need', () => {
    fc.assert(
      fc.property(fc.array(anyOutput, { minLength: 1, maxLength: 4 }), (outputs) => {
        const { outputs: back, bad } = read(`${outputs.map(eventLine).join('\n')}\n`);
        expect(bad).toEqual([]);
        expect(back.map(passedOn)).toEqual(outputs.map(passedOn));
      }),
    );
  });

  it('carries a statement of 8 MiB whole, from the place where it lies', () => {
    const bytes = Buffer.alloc(8 * 1024 * 1024, 0x80);
    const sql = new SqlText(bytes, 5, bytes.length, { charset: 'gbk', noBackslashEscapes: true, ansiQuotes: null });
    const event = fc.sample(unmaskedEvent, { numRuns: 1, seed: 1 })[0]!;
    event.sql = sql;
    const back = read(eventLine(event)).outputs[0] as AuditEvent;
    expect(back.sql?.bytes.equals(bytes.subarray(5))).toBe(true);
    expect([back.sql?.mode, back.sql?.loss]).toEqual([sql.mode, 'none']);
  });

  it('tells which lines are none', () => {
    const [event, loss] = [fc.sample(unmaskedEvent, 1)[0]!, fc.sample(anyLoss, 1)[0]!];
    const audit = JSON.stringify({ ...JSON.parse(eventLine(event)), unmasked: undefined });
    const record = [eventLine(event), audit, '{"kind":"count"}', eventLine(loss)].join('\n');
    expect(read(record).bad).toEqual([1, 2]);
    expect(read(record).outputs).toHaveLength(2);
  });

  it('never throws, and whatever it gives can be written again', () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes, damaged(anyOutput.map(eventLine))), (bytes) => {
        const { outputs } = read(bytes);
        expect(read(outputs.map(eventLine).join('\n')).outputs.map(passedOn)).toEqual(outputs.map(passedOn));
      }),
      { numRuns: 2_000 },
    );
  });
});
