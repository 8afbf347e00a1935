import type { BusRecord } from '../../bus/bus.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { Decode } from '../decode/decode.ts';
import type { RecordReader, RecordTaker } from './record-reader.ts';

/** Reads `mysql.messages.v1`: the stage decode. */
export class MessageReader implements RecordReader {
  readonly state: Decode;

  /** @param onBegin Called for each event when it begins; it is emitted later, once. */
  constructor(onBegin: (event: AuditEvent) => void) {
    this.state = new Decode({ keepsRaw: false, onBegin });
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
