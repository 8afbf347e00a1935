import { describe, expect, it } from 'vitest';
import { RestorableDecode } from '../../../processors/decode/restorable-decode.ts';
import { madeMessages } from '../service/made-messages.ts';

describe('a batch that never came', () => {
  it('is seen by the numbers of its messages, and nothing is known of quoting behind it', () => {
    const batches = madeMessages(1)[0]!.slice(0, 4);
    const all = run(batches);
    const holed = run(batches.toSpliced(2, 1));
    expect(all.counters.missedMessages).toBe(0);
    expect(holed.counters.missedMessages).toBe(all.counters.messages - holed.counters.messages);
    expect(holed.counters.missedMessages).toBeGreaterThan(0);
    const states = [...holed.stateKeys()].map((key) => JSON.parse(holed.exportState(key)!));
    expect(states.length).toBeGreaterThan(0);
    for (const { clientGaps, mode } of states) {
      expect(clientGaps).toBe(1);
      expect(mode.ansiQuotes).toBeNull();
    }
  });
});

function run(batches: readonly Buffer[]): RestorableDecode {
  const decode = new RestorableDecode({ keepsRaw: false });
  for (const batch of batches) decode.step(batch, () => {});
  return decode;
}
