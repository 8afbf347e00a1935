/** What a counter gained between two readings of one life of the server. */
export interface CounterGain {
  readonly gain: bigint;
  /** It was set back in between: the gain is what came since, what came before that is unknown. */
  readonly isSetBack: boolean;
}

const WRAPS = [1n << 32n, 1n << 64n];

/**
 * A counter that only grows, read twice. A lower value is a wrap where the earlier one was in the upper half of 32 or 64 bits and
 * the later one is in the lower half; otherwise someone has set the counter back.
 */
export function counterGain(before: bigint, after: bigint): CounterGain {
  if (after >= before) return { gain: after - before, isSetBack: false };
  for (const size of WRAPS) {
    if (before < size && before >= size / 2n && after < size / 2n)
      return { gain: after + size - before, isSetBack: false };
  }
  return { gain: after, isSetBack: true };
}
