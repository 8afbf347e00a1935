import type { BusRecord } from '../../bus/bus.ts';
import type { DecodeCounts } from '../decode/decode-options.ts';
import { RestorableDecode } from '../decode/restorable-decode.ts';
import type { RecordReader, RecordTaker } from './record-reader.ts';

/** Reads `mysql.messages.v1`: the stage decode. */
export class MessageReader implements RecordReader {
  readonly state: RestorableDecode;

  constructor(counts: DecodeCounts) {
    this.state = new RestorableDecode({ keepsRaw: false, tracksChanges: true, ...counts });
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
