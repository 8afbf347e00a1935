import { ByteReader } from '../../protocol/byte-reader.ts';
import { CAPABILITY } from '../../protocol/capabilities.ts';
import { COMMAND } from '../../protocol/commands.ts';
import { readBulkParameters } from '../../protocol/messages/bulk-execute.ts';
import { Execute, PARAMETER_COUNT_AVAILABLE } from '../../protocol/messages/execute.ts';
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

const reader = new ByteReader();
const execute = new Execute();

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
  else if (keepsRaw) event.queryAttributes = named(read.names, read.values);
}

/** The bound values of COM_STMT_EXECUTE or COM_STMT_BULK_EXECUTE, a payload from `start` to `end`. */
export function keepBoundValues(
  event: AuditEvent,
  state: ConnectionState,
  prepared: PreparedStatement,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  reader.reset(bytes, start + 1, end);
  state.preparedVersion = {};
  const isRead =
    bytes[start] === COMMAND.execute
      ? keepExecuteParameters(event, state, prepared)
      : keepBulkParameters(event, state.mode, prepared);
  // What tells their number or types was not seen, or a part of a value that was sent ahead.
  const isDoubtful = !isRead || (prepared.hasLongData && prepared.clientGaps !== state.clientGaps);
  if (isDoubtful && event.completeness === 'complete') event.completeness = 'gap';
  forgetLongData(state, prepared);
}

/** As the server does with the execute that used it, and with a reset. */
export function forgetLongData(state: ConnectionState, prepared: PreparedStatement): void {
  if (prepared.longData === null && prepared.clientGaps === state.clientGaps) return;
  prepared.longData = null;
  prepared.clientGaps = state.clientGaps;
  state.preparedVersion = {};
}

function keepExecuteParameters(event: AuditEvent, state: ConnectionState, prepared: PreparedStatement): boolean {
  if (!execute.read(reader)) return false;
  const isCountTold = (execute.flags & PARAMETER_COUNT_AVAILABLE) !== 0;
  const hasNames = state.capabilities === null ? isCountTold : (state.capabilities & CAPABILITY.queryAttributes) !== 0;
  const own = prepared.parameters;
  if (own === null) return false;
  // The flag is for statements without parameters; with some, the count comes also where a client leaves the flag out.
  const count = hasNames && (isCountTold || own > 0) ? reader.lenenc() : own;
  if (count === 0) {
    event.parameters = [];
    return true;
  }
  const read = readParameters(reader, count, hasNames, prepared.types, prepared.longData, textReader(state.mode));
  if (read === null) return false;
  prepared.types = read.types;
  event.parameters = read.values.slice(0, own);
  if (count > own) event.queryAttributes = named(read.names.slice(own), read.values.slice(own));
  return true;
}

function keepBulkParameters(event: AuditEvent, mode: SqlMode, prepared: PreparedStatement): boolean {
  reader.skip(4);
  const read = readBulkParameters(reader, prepared.parameters ?? 0, prepared.types, textReader(mode));
  if (read === null) return false;
  prepared.types = read.types;
  event.parameters = read.rows;
  return true;
}

/** Names come from the client: as entries, so that none of them is taken for a property that objects have. */
function named(names: readonly string[], values: readonly ParameterValue[]): Record<string, ParameterValue> {
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
}

/** @param reader Behind the statement id of COM_STMT_SEND_LONG_DATA: 2 parameter · data to the end. */
export function keepLongData(state: ConnectionState, prepared: PreparedStatement, reader: ByteReader): void {
  const parameter = reader.u16();
  if (reader.overrun || parameter >= (prepared.parameters ?? 0)) return;
  prepared.hasLongData = true;
  state.preparedVersion = {};
  prepared.longData ??= new Map();
  const before = String(prepared.longData.get(parameter) ?? '');
  const end = Math.min(reader.end, reader.pos + LONG_DATA_LIMIT_BYTES - before.length);
  prepared.longData.set(
    parameter,
    end > reader.pos ? before + textReader(state.mode)(reader.bytes, reader.pos, end) : before,
  );
}

function textReader(mode: SqlMode): (bytes: Buffer, start: number, end: number) => string {
  return (bytes, start, end) => decodeSql(new SqlText(bytes, start, end, mode));
}
