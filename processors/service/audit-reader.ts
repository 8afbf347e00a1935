import type { BusRecord } from '../../bus/bus.ts';
import { readAuditRecord } from '../../schemas/audit-record.ts';
import type { RecordReader, RecordTaker } from './record-reader.ts';

/** Reads `mysql.audit.v1`: masked events for the store. */
export class AuditReader implements RecordReader {
  readonly serverId = '';
  readonly state = null;

  read(_record: BusRecord, value: Buffer, taker: RecordTaker): void {
    readAuditRecord(value, {
      event: (event) => taker.output(event),
      bad: (line) => taker.bad('bad_line', line),
    });
  }
}
