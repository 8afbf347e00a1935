import type { OutgoingRecord } from '../../../bus/bus.ts';
import { SqltrailError } from '../../../runtime/errors.ts';

type FailureCode = 'bus_unreachable' | 'bus_denied' | 'record_too_large' | 'record_refused';

/** A bus whose every send waits until the test says how it ends. */
export class FakeBus {
  /** Values that are kept, by partition, as numbers. */
  readonly kept: number[][] = [[], [], []];
  /** Largest sum of one partition in one call. */
  largestPartitionBytes = 0;
  pending: {
    readonly records: readonly OutgoingRecord[];
    readonly resolve: () => void;
    readonly reject: (e: unknown) => void;
  }[] = [];

  send(_topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const bytes = [0, 0, 0];
    for (const { partition, value } of records) bytes[partition]! += value!.length;
    this.largestPartitionBytes = Math.max(this.largestPartitionBytes, ...bytes);
    return new Promise((resolve, reject) => this.pending.push({ records, resolve, reject }));
  }

  /** The oldest pending send succeeds. */
  ack(): void {
    const sent = this.pending.shift();
    if (sent === undefined) return;
    for (const { partition, value } of sent.records) this.kept[partition]!.push(value!.readUInt32LE(0));
    sent.resolve();
  }

  /** It fails; `isKept`: the broker has it, only the answer was lost. */
  fail(isKept: boolean, code: FailureCode = 'bus_unreachable'): void {
    const sent = this.pending.shift();
    if (sent === undefined) return;
    if (isKept) for (const { partition, value } of sent.records) this.kept[partition]!.push(value!.readUInt32LE(0));
    sent.reject(new SqltrailError(code, 'no', 'none', { retriable: code === 'bus_unreachable' }));
  }
}
