import type { BusRecord } from '../../bus/bus.ts';
import { decodeCounters } from '../decode/decode-counters.ts';
import type { DecodeCounts } from '../decode/decode-options.ts';
import { RestorableDecode } from '../decode/restorable-decode.ts';
import type { RecordReader, RecordTaker } from './record-reader.ts';

/** Reads `mysql.messages.v1`: the stage decode. */
export class MessageReader implements RecordReader {
  readonly state: RestorableDecode;

  /** @param counters Of all partitions together. */
  constructor(counts: DecodeCounts, counters = decodeCounters()) {
    this.state = new RestorableDecode({ keepsRaw: false, tracksChanges: true, counters, ...counts });
  }

  get serverId(): string {
    return this.state.lastBatch.serverId;
  }

  read(_record: BusRecord, value: Buffer, taker: RecordTaker): void {
    this.state.step(value, (output) => taker.output(output));
    const { outcome } = this.state.lastBatch;
    if (outcome !== 'read') taker.bad(outcome, null);
  }
}
