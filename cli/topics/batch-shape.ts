import { COMMAND_NAME } from '../../protocol/commands.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import { BATCH_FAMILY, BATCH_MAGIC, ENDING, MESSAGE_FLAG, MESSAGE_KIND } from '../../schemas/message-batch.ts';
import { MessageBatchReader } from '../../schemas/message-batch-reader.ts';
import type { Unreadable } from './unreadable.ts';

/** A batch of raw messages as one may show it: who spoke, when, how long, in which order; no byte of any payload. */
export interface BatchShape {
  readonly edge_id: string;
  /** When the edge's run began; null where it reads files. */
  readonly run: string | null;
  readonly server_id: string;
  readonly messages: readonly MessageShape[];
  /** Bytes behind the last good message that are no message. */
  readonly is_broken: boolean;
}

interface MessageShape {
  /** Uid of the connection; null where the batch does not announce it. */
  readonly connection: string | null;
  readonly kind: string;
  readonly flags: readonly string[];
  readonly sequence: number;
  readonly time: string;
  /** What `bytes` of the kind counts (`MESSAGE_KIND`). */
  readonly bytes: number;
  readonly payload_bytes: number;
  /** Of a command that is here whole: the first byte of a later fragment would be one of its text. */
  readonly command?: string;
  readonly request_sequence?: number;
  readonly rows?: number;
  readonly ending?: string;
}

const KIND_NAMES = namesOf(MESSAGE_KIND);
const ENDING_NAMES = namesOf(ENDING);
const UID_BYTES = 16;
const IN_PART = MESSAGE_FLAG.moreFragments | MESSAGE_FLAG.continued | MESSAGE_FLAG.gap | MESSAGE_FLAG.truncated;

/** @param value A record of `mysql.messages.v1`; any bytes. */
export function batchShape(value: Buffer): BatchShape | Unreadable {
  const batch = new MessageBatchReader();
  if (!batch.open(value)) return { unreadable: whyNoBatch(value), bytes: value.length };
  const messages: MessageShape[] = [];
  const connections = new Map<number, string>();
  while (batch.next()) {
    if (batch.kind === MESSAGE_KIND.connection)
      connections.set(batch.connection, value.toString('hex', batch.start, batch.start + UID_BYTES));
    else messages.push(messageShape(batch, connections.get(batch.connection) ?? null));
  }
  return {
    edge_id: batch.edgeId,
    run: batch.runUs === 0 ? null : isoTime(batch.runUs),
    server_id: batch.serverId,
    messages,
    is_broken: batch.broken,
  };
}

/** Whether this version understands every message of the batch. */
export function isWholeBatch(value: Buffer): boolean {
  const batch = new MessageBatchReader();
  if (!batch.open(value)) return false;
  while (batch.next()) if (!KIND_NAMES.has(batch.kind)) return false;
  return !batch.broken;
}

function messageShape(batch: MessageBatchReader, connection: string | null): MessageShape {
  const { kind, flags, bytes, start, end } = batch;
  const payloadBytes = end - start;
  const isWholeCommand =
    kind === MESSAGE_KIND.command && payloadBytes > 0 && payloadBytes === batch.count && !(flags & IN_PART);
  return {
    connection,
    kind: KIND_NAMES.get(kind) ?? `unknown ${kind}`,
    flags: Object.entries(MESSAGE_FLAG).flatMap(([name, bit]) => (flags & bit ? [snakeCase(name)] : [])),
    sequence: batch.sequence,
    time: isoTime(batch.timeUs),
    bytes: batch.count,
    payload_bytes: payloadBytes,
    ...(isWholeCommand && { command: COMMAND_NAME[bytes[start]!] || 'unknown' }),
    ...(kind === MESSAGE_KIND.response && {
      request_sequence: batch.requestSequence,
      rows: batch.rows,
      ending: ENDING_NAMES.get(batch.ending) ?? `unknown ${batch.ending}`,
    }),
  };
}

function whyNoBatch(value: Buffer): string {
  if (value.length < 4 || (value.readUInt32LE(0) & 0xff_ff_ff) !== BATCH_FAMILY) return 'no message batch';
  return value.readUInt32LE(0) === BATCH_MAGIC
    ? 'a message batch with a broken head'
    : 'a message batch of another version';
}

function namesOf(codes: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(codes).map(([name, code]) => [code, snakeCase(name)]));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
