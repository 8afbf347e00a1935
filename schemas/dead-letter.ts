import { type DeadLetterRow, deadLetterSchema } from './dead-letter-schema.ts';
import { isoTime } from './iso-time.ts';

/** Where an unreadable record, or one line of it, is. */
export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the record was kept, ms since the epoch. */
  readonly timeMs: number;
}

/** What could not be read or stored, and why; never its contents. */
export interface DeadLetter {
  readonly origin: RecordOrigin;
  /** Which line of the record, from 0; null: all of it. */
  readonly line: number | null;
  readonly bytes: number;
  readonly stage: string;
  /** In words, without anything from the record. */
  readonly reason: string;
  readonly errorCode: string;
  readonly serverId?: string;
  readonly eventId?: string;
}

/** `topic/partition/offset[/line]`: the same for the same record, so that a letter written again replaces itself. */
export function deadLetterKey({ origin, line }: DeadLetter): string {
  const key = `${origin.topic}/${origin.partition}/${origin.offset}`;
  return line === null ? key : `${key}/${line}`;
}

/** The value of a record of `mysql.dead-letter.v1`; the fields are those of `deadLetterSchema`. */
export function deadLetterValue(letter: DeadLetter): Buffer {
  const { origin, line, serverId, eventId } = letter;
  const row: DeadLetterRow = {
    time: isoTime(origin.timeMs * 1000),
    stage: letter.stage,
    reason: letter.reason,
    error_code: letter.errorCode,
    topic: origin.topic,
    partition: origin.partition,
    offset: origin.offset,
    ...(line !== null && { line }),
    bytes: letter.bytes,
    ...(serverId !== undefined && { server_id: serverId }),
    ...(eventId !== undefined && { event_id: eventId }),
  };
  return Buffer.from(JSON.stringify(row));
}

/** Reads a letter of any writer; null where it is none. Never throws. */
export function readDeadLetter(value: Buffer): DeadLetterRow | null {
  try {
    const parsed = deadLetterSchema.safeParse(JSON.parse(value.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
