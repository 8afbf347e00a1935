import type { ByteReader } from '../../protocol/byte-reader.ts';
import { CAPABILITY } from '../../protocol/capabilities.ts';
import { type Execute, LAST_PREPARED, PARAMETER_COUNT_AVAILABLE } from '../../protocol/messages/execute.ts';
import { readParameters } from '../../protocol/messages/parameters.ts';
import type { AuditEvent, ParameterValue } from '../../schemas/audit-event.ts';
import { decodeSql } from '../../schemas/decode-sql.ts';
import { type SqlMode, SqlText } from '../../schemas/sql-text.ts';
import type { ConnectionState } from './connection-state.ts';
import type { PreparedStatement } from './prepared-statement.ts';

/**
 * Bound values and query attributes. They are secrets: set on the event only with `--dangerously-keep-raw`. Attributes are
 * always stepped over, as the statement's text begins behind them.
 */

/** SEND_LONG_DATA beyond this many bytes a value is cut. */
const LONG_DATA_LIMIT_BYTES = 1024 * 1024;

export function skipQueryAttributes(
  event: AuditEvent,
  state: ConnectionState,
  reader: ByteReader,
  count: number,
  keepsRaw: boolean,
): void {
  const read = readParameters(reader, count, true, null, null, textReader(state.mode));
  if (read === null) reader.skip(reader.left + 1);
  else if (keepsRaw)
    event.queryAttributes = Object.fromEntries(read.names.map((name, i) => [name, read.values[i] ?? null]));
}

/** @param reader Behind the fixed part of COM_STMT_EXECUTE. */
export function keepExecuteParameters(
  event: AuditEvent,
  state: ConnectionState,
  reader: ByteReader,
  execute: Execute,
): void {
  const id = execute.statementId === LAST_PREPARED ? state.lastPreparedId : execute.statementId;
  const prepared = state.prepared.get(id);
  if (prepared === undefined) return;
  const hasCount = (execute.flags & PARAMETER_COUNT_AVAILABLE) !== 0;
  const hasNames = state.capabilities === null ? hasCount : (state.capabilities & CAPABILITY.queryAttributes) !== 0;
  const count = hasNames && hasCount ? reader.lenenc() : prepared.parameters;
  if (count === 0) {
    event.parameters = [];
    return;
  }
  const read = readParameters(reader, count, hasNames, prepared.types, prepared.longData, textReader(state.mode));
  if (read === null) return;
  prepared.types = read.types;
  event.parameters = read.values.slice(0, prepared.parameters);
  if (count <= prepared.parameters) return;
  const attributes: Record<string, ParameterValue> = {};
  for (let i = prepared.parameters; i < count; i++) attributes[read.names[i] ?? ''] = read.values[i] ?? null;
  event.queryAttributes = attributes;
}

/** @param reader Behind the statement id of COM_STMT_SEND_LONG_DATA: 2 parameter · data to the end. */
export function keepLongData(prepared: PreparedStatement, mode: SqlMode, reader: ByteReader): void {
  const parameter = reader.u16();
  if (reader.overrun || parameter >= prepared.parameters) return;
  prepared.longData ??= new Map();
  const before = String(prepared.longData.get(parameter) ?? '');
  const end = Math.min(reader.end, reader.pos + LONG_DATA_LIMIT_BYTES - before.length);
  prepared.longData.set(
    parameter,
    end > reader.pos ? before + textReader(mode)(reader.bytes, reader.pos, end) : before,
  );
}

function textReader(mode: SqlMode): (bytes: Buffer, start: number, end: number) => string {
  return (bytes, start, end) => decodeSql(new SqlText(bytes, start, end, mode));
}
