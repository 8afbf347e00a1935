import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RestorableDecode } from '../../../processors/decode/restorable-decode.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import type { Loss } from '../../../schemas/loss.ts';
import { madeMessages } from '../service/made-messages.ts';

const batches = madeMessages(1)[0]!;

describe('the state after any batches', () => {
  it('is read by another process, which goes on with the same outputs', () => {
    const change = fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.nat(batches.length), (changes, at) => {
        const changed = batches.map((batch) => Buffer.from(batch));
        for (const [batch, byte, value] of changes) {
          const bytes = changed[batch % changed.length]!;
          // What stands in front of the messages stays: else nothing of the batch is looked at.
          bytes[Math.min(bytes.length - 1, 40 + (byte % Math.min(2_000, bytes.length)))] = value;
        }
        const first = new RestorableDecode({ keepsRaw: false });
        run(first, changed.slice(0, at));
        const second = new RestorableDecode({ keepsRaw: false });
        for (const key of ['edges', ...first.stateKeys()])
          expect(second.importState(key, first.exportState(key)!)).toBe(true);
        const rest = changed.slice(at, at + 3);
        const open = new Set(first.stateKeys());
        const told = (outputs: (AuditEvent | Loss)[]) => outputs.filter(({ connection }) => open.has(connection.uid));
        expect(told(run(second, rest)).map(shape)).toEqual(told(run(first, rest)).map(shape));
      }),
      // A file is asked for by the first of several results.
      { numRuns: 150, examples: [[[[335_659_400, 125_319_347, 144]], 14]] },
    );
  });
});

function run(decode: RestorableDecode, batches: readonly Buffer[]): (AuditEvent | Loss)[] {
  const outputs: (AuditEvent | Loss)[] = [];
  for (const batch of batches) decode.step(batch, (output) => outputs.push(output));
  return outputs;
}

function shape(output: AuditEvent | Loss): unknown {
  if (!('statementBytes' in output)) return output;
  const { sql, errorMessage: _, ...plain } = output;
  return { ...plain, text: sql === null ? null : sql.bytes.toString('hex', sql.start, sql.end) };
}
