import type { AuditEvent } from '../../schemas/audit-event.ts';
import { SqlText } from '../../schemas/sql-text.ts';
import type { BlobKeeper, BlobSource } from '../stage.ts';
import { ConnectionState } from './connection-state.ts';
import { missPrepare } from './prepared-ids.ts';
import { PreparedStatement } from './prepared-statement.ts';
import {
  type BytesJson,
  type EventJson,
  endedSchema,
  type PreparedJson,
  preparedListSchema,
  type SqlJson,
  stateSchema,
} from './state-schema.ts';

/**
 * State of a connection as JSON text, version 2 (`state-schema.ts`). Buffers are base64; with a keeper, those over 64 KiB and
 * long lists of prepared statements are the number of a blob. It holds unmasked text (statements that were prepared or still
 * run), so it belongs where the raw messages are and nowhere else.
 */
const VERSION = 2;
const LONG_BYTES = 64 * 1024;
/** As many prepared statements stand in the state itself. */
const FEW_PREPARED = 16;

export function writeState(state: ConnectionState, blobs?: BlobKeeper): string {
  const { prepared, preparedVersion, unnumbered, login, pending, unread, fragments, ...plain } = state;
  const { isKept: _, oldest: __, later: ___, ...numbers } = plain;
  return JSON.stringify({
    version: VERSION,
    ...numbers,
    prepared: preparedList(prepared, preparedVersion, blobs),
    unnumbered: unnumbered.map((statement) => preparedJson(statement, blobs)),
    login: login === null ? null : eventJson(login, blobs),
    pending: pending.map((event) => eventJson(event, blobs)),
    unread: [...(unread ?? [])].map(([sequence, payload]) => [sequence, payload.toString('base64')]),
    fragments: fragments.map((fragment) => bytesJson(fragment, fragment, 0, fragment.length, blobs)),
  });
}

/** What stays of a connection that ended: how far it had come. */
export function writeEnded(sequence: number): string {
  return JSON.stringify({ version: VERSION, ended: sequence });
}

/**
 * A text whose blob is gone is lost, and nothing else.
 * @param uid The connection that it must be of.
 * @returns The state, or the last sequence of one that ended; null when the text, which anybody may have written, is neither.
 */
export function readState(uid: string, text: string, blobs: BlobSource = () => null): ConnectionState | number | null {
  const json = parsed(text);
  const ended = endedSchema.safeParse(json);
  if (ended.success) return ended.data.ended;
  const read = stateSchema.safeParse(json);
  if (!read.success || read.data.facts.uid !== uid) return null;
  const { version: _, facts, prepared, unnumbered, login, pending, unread, fragments, ...plain } = read.data;
  const state = new ConnectionState(facts);
  Object.assign(state, plain);
  for (const [id, statement] of readPreparedList(prepared, blobs)) {
    const read = readPrepared(statement, blobs, state.lastUs);
    if (read !== null) state.prepared.set(id, read);
  }
  // Too short for blobs.
  state.unnumbered = unnumbered.flatMap((statement) => readPrepared(statement, blobs, state.lastUs) ?? []);
  if (state.unnumbered.length < unnumbered.length) missPrepare(state);
  state.login = login === null ? null : readEvent(state, login, blobs);
  for (const event of pending) state.addPending(readEvent(state, event, blobs));
  if (unread.length > 0)
    state.unread = new Map(unread.map(([sequence, payload]) => [sequence, Buffer.from(payload, 'base64')]));
  for (const fragment of fragments) {
    const bytes = readBytes(fragment, blobs);
    if (bytes === null) {
      // What follows cannot be joined across the hole.
      state.isFragmentCut = true;
      break;
    }
    state.fragments.push(bytes);
  }
  state.fragmentBytes = state.fragments.reduce((sum, fragment) => sum + fragment.length, 0);
  return state;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function bytesJson(owner: object, bytes: Buffer, start: number, end: number, blobs: BlobKeeper | undefined): BytesJson {
  if (blobs === undefined || end - start <= LONG_BYTES) return bytes.toString('base64', start, end);
  return blobs.keep(owner, () => bytes.subarray(start, end));
}

function readBytes(json: BytesJson, blobs: BlobSource): Buffer | null {
  return typeof json === 'string' ? Buffer.from(json, 'base64') : blobs(json);
}

function sqlJson(sql: SqlText, blobs: BlobKeeper | undefined): SqlJson {
  return { text: bytesJson(sql, sql.bytes, sql.start, sql.end, blobs), mode: sql.mode, loss: sql.loss };
}

function readSql(json: SqlJson, blobs: BlobSource): SqlText | null {
  const bytes = readBytes(json.text, blobs);
  return bytes === null ? null : new SqlText(bytes, 0, bytes.length, json.mode, json.loss);
}

function preparedList(
  prepared: ReadonlyMap<number, PreparedStatement>,
  version: object,
  blobs: BlobKeeper | undefined,
): [number, PreparedJson][] | number {
  const list = () =>
    [...prepared].map(([id, statement]): [number, PreparedJson] => [id, preparedJson(statement, blobs)]);
  if (blobs === undefined || prepared.size <= FEW_PREPARED) return list();
  // Their long texts are blobs of their own, which must be named also where the list itself is not written again.
  for (const { sql } of prepared.values()) if (sql.end - sql.start > LONG_BYTES) sqlJson(sql, blobs);
  return blobs.keep(version, () => Buffer.from(JSON.stringify(list())));
}

function readPreparedList(json: [number, PreparedJson][] | number, blobs: BlobSource): [number, PreparedJson][] {
  if (typeof json !== 'number') return json;
  const read = preparedListSchema.safeParse(parsed(readBytes(json, blobs)?.toString('utf8') ?? ''));
  return read.success ? read.data : [];
}

function preparedJson(statement: PreparedStatement, blobs: BlobKeeper | undefined): PreparedJson {
  return {
    sql: sqlJson(statement.sql, blobs),
    statementBytes: statement.statementBytes,
    parameters: statement.parameters,
    completeness: statement.completeness,
    types: statement.types === null ? null : [...statement.types],
    longData: statement.longData === null ? null : [...statement.longData],
    hasLongData: statement.hasLongData,
    clientGaps: statement.clientGaps,
  };
}

/** Null where its text is gone: what executes it is then `midstream`. */
function readPrepared(json: PreparedJson, blobs: BlobSource, usedUs: number): PreparedStatement | null {
  const sql = readSql(json.sql, blobs);
  if (sql === null) return null;
  const statement = new PreparedStatement(sql, json.statementBytes, json.parameters, usedUs);
  statement.completeness = json.completeness;
  statement.types = json.types === null ? null : Uint16Array.from(json.types);
  statement.longData = json.longData === null ? null : new Map(json.longData);
  statement.hasLongData = json.hasLongData;
  statement.clientGaps = json.clientGaps;
  return statement;
}

/** An event that waits for its response; what only the response or a later stage sets is not there yet. */
function eventJson(event: AuditEvent, blobs: BlobKeeper | undefined): EventJson {
  const { connection: _, sql, statement: __, errorMessage: ___, origin: ____, ruleIds: _____, ...plain } = event;
  return { ...plain, sql: sql === null ? null : sqlJson(sql, blobs) };
}

function readEvent(state: ConnectionState, json: EventJson, blobs: BlobSource): AuditEvent {
  const event = state.newEvent(json.command, json.sequence, json.timeUs);
  const { sql, ...plain } = json;
  Object.assign(event, plain);
  event.sql = sql === null ? null : readSql(sql, blobs);
  if (sql !== null && event.sql === null) event.completeness = 'gap';
  return event;
}
