import { Request } from './request.ts';
import type { SealedBatch } from './sealed-batch.ts';

/** Batches in memory that wait for their request, in order. */
export class BatchQueue {
  bytes = 0;
  private waiting: { readonly batch: SealedBatch; readonly sealedMs: number }[] = [];

  get length(): number {
    return this.waiting.length;
  }

  /** When the oldest was sealed; null where none waits. */
  get oldestMs(): number | null {
    return this.waiting[0]?.sealedMs ?? null;
  }

  push(batch: SealedBatch, sealedMs: number): void {
    this.waiting.push({ batch, sealedMs });
    this.bytes += batch.value.length;
  }

  shift(): SealedBatch | undefined {
    const first = this.waiting.shift();
    if (first !== undefined) this.bytes -= first.batch.value.length;
    return first?.batch;
  }

  peek(): SealedBatch | undefined {
    return this.waiting[0]?.batch;
  }

  /** The next request: the oldest batches, but none of a partition of which an older one has to stay. */
  takeRequest(): Request {
    const request = new Request(this.oldestMs ?? 0);
    const held = new Set<number>();
    const rest: typeof this.waiting = [];
    for (const entry of this.waiting) {
      const { batch } = entry;
      if (held.has(batch.partition) || !request.add(batch)) {
        held.add(batch.partition);
        rest.push(entry);
      } else this.bytes -= batch.value.length;
    }
    this.waiting = rest;
    return request;
  }
}
