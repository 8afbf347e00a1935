import type { SealedBatch } from './sealed-batch.ts';

/** Messages by ledger entry (origin and minute). */
export class SpoolTally {
  private readonly counts = new Map<string, { origin: string; minuteMs: number; messages: number }>();

  add(batch: Pick<SealedBatch, 'origin' | 'minuteMs' | 'messages'>, sign: 1 | -1 = 1): void {
    const key = `${batch.minuteMs} ${batch.origin}`;
    const found = this.counts.get(key);
    const messages = (found?.messages ?? 0) + sign * batch.messages;
    if (messages <= 0) this.counts.delete(key);
    else if (found !== undefined) found.messages = messages;
    else this.counts.set(key, { origin: batch.origin, minuteMs: batch.minuteMs, messages });
  }

  entries(): Iterable<{ readonly origin: string; readonly minuteMs: number; readonly messages: number }> {
    return this.counts.values();
  }
}
