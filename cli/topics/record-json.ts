import type { z } from 'zod';
import type { BusRecord } from '../../bus/bus.ts';
import { auditSchema } from '../../schemas/audit-schema.ts';
import { deadLetterSchema } from '../../schemas/dead-letter-schema.ts';
import { findingSchema } from '../../schemas/finding.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import { ledgerLineSchema } from '../../schemas/ledger-schema.ts';
import { sessionRecordSchema } from '../../schemas/session-record.ts';
import { holdsUnmaskedSql, isStateTopic } from '../../schemas/topic-definitions.ts';
import { betweenTopic, TOPIC } from '../../schemas/topics.ts';
import { batchShape } from './batch-shape.ts';
import { stateShape } from './state-shape.ts';
import type { Unreadable } from './unreadable.ts';

/** A record as `topics read` prints it. */
export interface RecordJson {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the broker took it. */
  readonly time: string;
  readonly key: string | null | Unreadable;
  /** Null deletes the key. */
  readonly value: unknown;
}

/** Audit events as everybody may see them, whatever else is in the line. */
const maskedAudit = auditSchema.omit({ statement_raw: true, parameters: true, query_attributes: true }).strip();
/** Before mask there is no masked text; what stands in its place is not to be trusted. */
const beforeMask = maskedAudit.omit({ statement_masked: true, error_message_masked: true, tables: true }).partial();

/** Topics whose values are lines of JSON, each with what of a line is shown. */
const LINES: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  [TOPIC.audit, maskedAudit],
  [betweenTopic('mask'), maskedAudit],
  [TOPIC.findings, findingSchema],
  [TOPIC.ledger, ledgerLineSchema],
  [TOPIC.sessions, sessionRecordSchema],
  [TOPIC.deadLetter, deadLetterSchema],
]);

/** Keys are ids, offsets and names: nothing else is shown. */
const KEY = /^[\w.:/#@|-]{1,512}$/;

/** Everything of a record that may be shown: never unmasked SQL, and of what is not understood only its length. */
export function recordJson(record: BusRecord): RecordJson {
  const { topic, partition, offset, key, value, timeMs } = record;
  return {
    topic,
    partition,
    offset,
    time: isoTime(timeMs * 1000),
    key: key === null || KEY.test(key) ? key : { unreadable: 'no key of this topic', bytes: Buffer.byteLength(key) },
    value: value === null ? null : valueJson(topic, key, value),
  };
}

function valueJson(topic: string, key: string | null, value: Buffer): unknown {
  if (topic === TOPIC.messages) return batchShape(value);
  if (isStateTopic(topic)) return stateShape(key, value);
  const schema = LINES.get(topic) ?? (holdsUnmaskedSql(topic) ? beforeMask : undefined);
  if (schema === undefined) return { unreadable: 'a topic that this version does not read', bytes: value.length };
  return linesOf(value).map((line) => lineJson(schema, line));
}

/** Lines of newline-delimited JSON; the newline behind the last one is optional. */
export function linesOf(value: Buffer): string[] {
  const lines = value.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function lineJson(schema: z.ZodType, line: string): unknown {
  const bytes = Buffer.byteLength(line);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { unreadable: 'no JSON', bytes };
  }
  const parsed = schema.safeParse(value);
  // The path of a problem is a name of the schema, or one of the line: only the first is known to be harmless.
  return parsed.success
    ? parsed.data
    : { unreadable: 'JSON with other fields or types than those of the topic', bytes };
}
