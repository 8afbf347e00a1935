import { type DeadLetterRow, deadLetterSchema } from './dead-letter-schema.ts';
import { isoTime } from './iso-time.ts';
import { parseIsoTime } from './parse-iso-time.ts';
import { parsedJson } from './parsed-json.ts';

/** Why sqltrail gives up a record or a line of it. */
export const DEAD_LETTER_REASONS = [
  /** No record of this topic at all. */
  'garbage',
  /** It breaks off; what came before was used. */
  'truncated',
  /** Of a version that is not known here. */
  'future_version',
  /** One line of several is no line of this topic. */
  'bad_line',
  /** The store refused the row for what is in it. */
  'rejected',
  /** Longer than what it should be written to takes. */
  'too_large',
  /** A kept state of a connection that cannot be read back. */
  'state_unreadable',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** Which record, or line of it, could not be read or stored, and why; never its contents. */
export interface DeadLetter {
  /** When the record was kept at its origin, ms since the epoch. */
  readonly timeMs: number;
  /** The stage that gave it up. */
  readonly stage: string;
  /** One of DEAD_LETTER_REASONS; of another version perhaps a reason that is not known here. */
  readonly reason: string;
  /** A code for the same: of sqltrail, or of ClickHouse where that refused a row. */
  readonly errorCode: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Which line of the record, from 0; null: all of it. */
  readonly line: number | null;
  /** Length of the record or line. */
  readonly bytes: number;
  /** Lines of the same record behind this one that cannot be read either and have no letter of their own. */
  readonly furtherLines?: number;
  readonly serverId?: string;
  readonly eventId?: string;
}

/** `topic/partition/offset[/line]`: the same for the same record, so that a letter written again replaces itself. */
export function deadLetterKey({ topic, partition, offset, line }: DeadLetter): string {
  const key = `${topic}/${partition}/${offset}`;
  return line === null ? key : `${key}/${line}`;
}

/** The value of a record of `mysql.dead-letter.v1`; the fields are those of `deadLetterSchema`. */
export function deadLetterValue(letter: DeadLetter): Buffer {
  const { line, furtherLines, serverId, eventId } = letter;
  const row: DeadLetterRow = {
    time: isoTime(letter.timeMs * 1000),
    stage: letter.stage,
    reason: letter.reason,
    error_code: letter.errorCode,
    topic: letter.topic,
    partition: letter.partition,
    offset: letter.offset,
    ...(line !== null && { line }),
    bytes: letter.bytes,
    ...(furtherLines !== undefined && { further_lines: furtherLines }),
    ...(serverId !== undefined && { server_id: serverId }),
    ...(eventId !== undefined && { event_id: eventId }),
  };
  return Buffer.from(JSON.stringify(row));
}

/** Reads a letter of any writer; null where it is none. Never throws. */
export function readDeadLetter(value: Buffer): DeadLetter | null {
  const parsed = deadLetterSchema.safeParse(parsedJson(value.toString('utf8')));
  if (!parsed.success) return null;
  const row = parsed.data;
  const timeUs = parseIsoTime(row.time);
  if (timeUs === null) return null;
  return {
    timeMs: Math.floor(timeUs / 1000),
    stage: row.stage,
    reason: row.reason,
    errorCode: row.error_code,
    topic: row.topic,
    partition: row.partition,
    offset: row.offset,
    line: row.line ?? null,
    bytes: row.bytes,
    ...(row.further_lines !== undefined && { furtherLines: row.further_lines }),
    ...(row.server_id !== undefined && { serverId: row.server_id }),
    ...(row.event_id !== undefined && { eventId: row.event_id }),
  };
}
