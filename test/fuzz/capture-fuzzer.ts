import { type CaptureCase, makeCaptureCase } from './capture-case.ts';
import { runCapture } from './capture-lane.ts';
import type { SeedCapture } from './capture-seeds.ts';
import { checkOutputs, checkSequences, Decoder } from './invariants.ts';

/** Runs mutated captures through source, TCP, framer, decode and mask and holds every promise against what comes out. */
export class CaptureFuzzer {
  cases = 0;
  /** Bytes of the captures. */
  bytes = 0;
  /** Events and losses that came out. */
  outputs = 0;
  private readonly seeds: readonly SeedCapture[];
  private readonly seed: number;
  private readonly decoder = new Decoder();

  constructor(seeds: readonly SeedCapture[], seed: number) {
    this.seeds = seeds.filter(({ packets }) => packets.length > 0);
    this.seed = seed;
  }

  /** Runs case `number`. @throws Error that names the seed and the case, with the capture as hex. */
  run(number: number): void {
    const one = makeCaptureCase(this.seeds, this.seed, number);
    this.cases++;
    this.bytes += one.bytes.length;
    try {
      this.outputs += checkCapture(one, this.decoder);
    } catch (error) {
      const text = `chunks of ${one.chunkBytes} bytes: ${one.bytes.toString('hex')}`;
      throw new Error(`seed ${this.seed}, case ${number}, ${text}`, { cause: error });
    }
  }
}

/** @returns the number of outputs. */
function checkCapture(one: CaptureCase, decoder: Decoder): number {
  const batches = runCapture(one, 0x00);
  const others = runCapture(one, 0xa7);
  if (batches.length !== others.length || !batches.every((batch, i) => batch.equals(others[i]!)))
    throw new Error('the batches depend on bytes outside the input, or on input after its call');
  const again = checkSequences(batches);
  const outputs = decoder.run(batches);
  checkOutputs(outputs, again > 0);
  return outputs.length;
}
