import { describe, expect, it } from 'vitest';
import { CaptureFuzzer } from './capture-fuzzer.ts';
import { readSeedCapture } from './capture-seeds.ts';
import { MADE_CONVERSATIONS } from './made-conversations.ts';
import { MessageFuzzer } from './message-fuzzer.ts';
import { recordedConversations, seedCaptures } from './recorded-conversations.ts';

// The same parts as the long runs (run-messages.ts, run-captures.ts); a failure names seed and case, which make it again.
const SEED = 1;

describe('mutated messages', () => {
  it('of conversations of every command and login kind break no promise', () => {
    const fuzzer = new MessageFuzzer(MADE_CONVERSATIONS, SEED);
    for (let number = 0; number < 3_000; number++) fuzzer.run(number);
    expect(fuzzer.mutated).toBeGreaterThan(10_000);
    expect(fuzzer.outputs).toBeGreaterThan(5_000);
  });

  it('of the recorded shop break no promise', () => {
    const fuzzer = new MessageFuzzer(recordedConversations('demo/shop.pcap'), SEED);
    for (let number = 0; number < 1_000; number++) fuzzer.run(number);
    expect(fuzzer.mutated).toBeGreaterThan(3_000);
    expect(fuzzer.outputs).toBeGreaterThan(2_000);
  });

  it('are the same for the same seed', () => {
    const [first, second] = [1, 1].map((seed) => new MessageFuzzer(MADE_CONVERSATIONS, seed));
    for (let number = 0; number < 50; number++) {
      first!.run(number);
      second!.run(number);
    }
    expect([second!.mutated, second!.outputs]).toEqual([first!.mutated, first!.outputs]);
  });
});

describe('mutated captures', () => {
  it('break no promise', () => {
    const fuzzer = new CaptureFuzzer(seedCaptures().slice(0, 20).flatMap(readSeedCapture), SEED);
    for (let number = 0; number < 3_000; number++) fuzzer.run(number);
    expect(fuzzer.outputs).toBeGreaterThan(2_000);
  });
});
