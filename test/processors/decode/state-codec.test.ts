import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionState } from '../../../processors/decode/connection-state.ts';
import { PreparedStatement } from '../../../processors/decode/prepared-statement.ts';
import { readState, writeState } from '../../../processors/decode/state-codec.ts';
import { SqlText } from '../../../schemas/sql-text.ts';

const UID = 'ab'.repeat(16);
const MODE = { charset: 'utf8mb4', noBackslashEscapes: null, ansiQuotes: false };

describe('the state of a connection as text', () => {
  it('comes back as it was, long texts and many statements kept aside', () => {
    const state = madeState(40);
    const { keeper, kept } = blobs();
    const text = writeState(state, keeper);
    expect(text.length).toBeLessThan(8_000);
    expect(kept.size).toBe(3);
    const read = readState(UID, text, (number) => kept.get(number) ?? null) as ConnectionState;
    // Beside the number of a blob, the same text in full.
    expect(writeState(read)).toBe(writeState(state));
  });

  it('loses only the text that is gone', () => {
    const { keeper, kept } = blobs();
    const state = madeState(2);
    state.addPrepared(3, new PreparedStatement(sql('y'.repeat(70_000)), 70_000, 1, 0));
    const text = writeState(state, keeper);
    expect(kept.size).toBe(3);
    const read = readState(UID, text) as ConnectionState;
    expect([...read.prepared.keys()]).toEqual([1, 2]);
    expect(read.pending.map((event) => [event.sequence, event.sql, event.completeness])).toEqual([[9, null, 'gap']]);
    expect(read).toMatchObject({ isFragmentCut: true, fragments: [], fragmentBytes: 0, fragmentSequence: 8 });
    expect(readState(UID, writeState(read))).toEqual(read);
  });

  it('keeps what has not changed: a second writing asks for no bytes', () => {
    const state = madeState(40);
    const { keeper, kept } = blobs();
    const text = writeState(state, keeper);
    expect(writeState(state, keeper)).toBe(text);
    expect(kept.size).toBe(3);
    state.deletePrepared(7);
    writeState(state, keeper);
    expect(kept.size).toBe(4);
  });

  it('takes hostile text for what it is, whatever one field holds', () => {
    const whole = JSON.parse(writeState(madeState(3)));
    const path = fc.constantFrom(...Object.keys(whole));
    fc.assert(
      fc.property(path, fc.jsonValue(), fc.option(fc.string(), { nil: undefined }), (field, value, deeper) => {
        const broken = structuredClone(whole);
        // Of an array this is no field, and JSON can hold none.
        fc.pre(deeper !== 'length');
        if (deeper !== undefined && typeof broken[field] === 'object' && broken[field] !== null)
          broken[field][deeper] = value;
        else broken[field] = value;
        const read = readState(UID, JSON.stringify(broken));
        if (read === null || typeof read === 'number') return;
        expect(Number.isSafeInteger(read.lastSequence)).toBe(true);
        expect(() => writeState(read)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

function madeState(prepared: number): ConnectionState {
  const state = new ConnectionState({
    uid: UID,
    serverId: 'db1',
    clientAddress: '10.0.0.1',
    clientPort: 40_000,
    serverAddress: '10.0.0.2',
    serverPort: 3306,
  });
  state.lastSequence = 9;
  for (let id = 1; id <= prepared; id++)
    state.addPrepared(id, new PreparedStatement(sql(`SELECT ${id}`), 8 + String(id).length, 1, 0));
  const event = state.newEvent('query', 9, 1_000_000);
  event.sql = sql('x'.repeat(70_000));
  state.addPending(event);
  state.fragments = [Buffer.alloc(100_000, 1), Buffer.from('short')];
  state.fragmentBytes = 100_005;
  state.fragmentSequence = 8;
  return state;
}

function sql(text: string): SqlText {
  const bytes = Buffer.from(text);
  return new SqlText(bytes, 0, bytes.length, MODE);
}

function blobs() {
  const kept = new Map<number, Buffer>();
  const numbers = new Map<object, number>();
  const keeper = {
    keep: (owner: object, bytes: () => Buffer): number => {
      const known = numbers.get(owner);
      if (known !== undefined) return known;
      numbers.set(owner, numbers.size);
      kept.set(numbers.size - 1, Buffer.from(bytes()));
      return numbers.size - 1;
    },
  };
  return { keeper, kept };
}
