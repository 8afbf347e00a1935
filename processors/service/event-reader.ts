import type { BusRecord } from '../../bus/bus.ts';
import { readEventRecord } from '../../schemas/event-record.ts';
import type { RecordReader, RecordTaker } from './record-reader.ts';

/** Reads a topic between two stages: events that still carry what mask and detect need. */
export class EventReader implements RecordReader {
  readonly serverId = '';
  readonly state = null;

  read(_record: BusRecord, value: Buffer, taker: RecordTaker): void {
    readEventRecord(value, {
      output: (output) => taker.output(output),
      bad: (line) => taker.bad('bad_line', line),
    });
  }
}
