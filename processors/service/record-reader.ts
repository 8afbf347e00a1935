import type { BusRecord } from '../../bus/bus.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { DeadLetterReason } from '../../schemas/dead-letter.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { StatefulStage } from '../stage.ts';

/** What takes the contents of a record. */
export interface RecordTaker {
  output(output: AuditEvent | Loss): void;
  /** Something of the record could not be read. @param line From 0; null: of the whole record. */
  bad(reason: DeadLetterReason, line: number | null): void;
}

/** How the first stage of a process reads its topic. */
export interface RecordReader {
  /** Reads one record; never throws, whatever the record holds. */
  read(record: BusRecord, value: Buffer, taker: RecordTaker): void;
  /** The server of the record read last, where one record is of one server; else empty. */
  readonly serverId: string;
  /** What it remembers of connections; null: nothing. */
  readonly state: StatefulStage<Buffer, AuditEvent | Loss> | null;
}
