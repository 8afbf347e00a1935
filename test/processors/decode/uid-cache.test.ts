import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionState } from '../../../processors/decode/connection-state.ts';
import { UidCache } from '../../../processors/decode/uid-cache.ts';

function state(uid: Buffer): ConnectionState {
  const facts = {
    uid: uid.toString('hex'),
    serverId: '',
    clientAddress: '',
    clientPort: 1,
    serverAddress: '',
    serverPort: 2,
  };
  return Object.assign(new ConnectionState(facts), { isKept: true });
}

/** Many of them fall into one place. */
const uid = fc
  .tuple(fc.constantFrom(0, 1, 0x80, 0xff), fc.uint8Array({ minLength: 15, maxLength: 15 }))
  .map(([first, rest]) => Buffer.from([first, ...rest.subarray(0, 3).fill(0), ...rest.subarray(3)]));

describe('a cache of uids', () => {
  it('gives the connection of a uid or none, and none that ended', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(uid, fc.constantFrom('remember', 'end')), { maxLength: 200 }), (steps) => {
        const cache = new UidCache();
        const open = new Map<string, ConnectionState>();
        for (const [bytes, step] of steps) {
          const key = bytes.toString('hex');
          const known = open.get(key);
          if (step === 'remember') {
            const kept = known ?? state(bytes);
            open.set(key, kept);
            cache.remember(bytes, 0, kept);
            expect(cache.find(bytes, 0)).toBe(kept);
          } else if (known !== undefined) {
            known.isKept = false;
            cache.forget(known);
            open.delete(key);
          }
          for (const [other] of steps)
            expect([null, open.get(other.toString('hex')) ?? null]).toContain(cache.find(other, 0));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('finds most of very many, wherever they lie in a batch, and keeps nothing of those that ended', () => {
    const cache = new UidCache();
    const batch = Buffer.alloc(16 * 20_000 + 1);
    let seed = 1;
    for (let i = 0; i < batch.length; i++) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0;
      batch[i] = seed >>> 16;
    }
    const states: ConnectionState[] = [];
    for (let i = 0; i < 20_000; i++) {
      const at = 1 + i * 16;
      states.push(state(batch.subarray(at, at + 16)));
      cache.remember(batch, at, states[i]!);
    }
    for (let i = 0; i < 20_000; i++)
      if (cache.find(batch, 1 + i * 16) === null) cache.remember(batch, 1 + i * 16, states[i]!);
    const found = states.filter((each, i) => cache.find(batch, 1 + i * 16) === each).length;
    expect(found).toBeGreaterThan(18_000);
    for (const each of states) cache.forget(each);
    expect(states.filter((_, i) => cache.find(batch, 1 + i * 16) !== null)).toEqual([]);
  });
});
