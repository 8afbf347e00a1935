// Hot path
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { type ConnectionState, detached } from './connection-state.ts';
import { PreparedStatement } from './prepared-statement.ts';

/**
 * Which id the server gave to a statement where its answer was not captured. Servers count ids up, and whatever else takes some (a
 * PREPARE in SQL, one that fails) only leaves some out. So it is certain in two cases alone, and nothing is linked in others:
 * one statement has no id and an id turns up that is greater than all known; or the ids between two known ones are just as many as the
 * statements without one. Both only where no PREPARE can have gone unseen.
 */

/** More than these wait for no id: then none of them gets one. */
const MAX_UNNUMBERED = 8;
const LONGEST_BYTES = 64 * 1024;

/** The answer to a PREPARE was not captured. */
export function losePrepare(state: ConnectionState, event: AuditEvent): void {
  const { sql } = event;
  if (sql === null || sql.end - sql.start > LONGEST_BYTES || state.unnumbered.length >= MAX_UNNUMBERED)
    missPrepare(state);
  else state.unnumbered.push(statementOf(event, null));
}

/** A PREPARE may have gone unseen, or what answered it is not certain. */
export function missPrepare(state: ConnectionState): void {
  state.mayHaveMissedPrepare = true;
  state.unnumbered = [];
}

/** The statement of a PREPARE. @param parameters Null where its answer was not captured. */
export function statementOf(event: AuditEvent, parameters: number | null): PreparedStatement {
  const statement = new PreparedStatement(detached(event.sql!), event.statementBytes, parameters, event.timeUs);
  if (event.sql!.loss !== 'none') statement.completeness = event.completeness;
  return statement;
}

/** The answer to a PREPARE says its id. */
export function addNumbered(state: ConnectionState, id: number, statement: PreparedStatement): void {
  const { unnumbered, lastPreparedId } = state;
  if (!state.mayHaveMissedPrepare && id - lastPreparedId - 1 === unnumbered.length)
    for (const [i, earlier] of unnumbered.entries()) state.addPrepared(lastPreparedId + 1 + i, earlier);
  state.addPrepared(id, statement);
  state.lastPreparedId = id;
  state.mayHaveMissedPrepare = false;
  state.unnumbered = [];
}

/** A command names this id. */
export function preparedWithId(state: ConnectionState, id: number): PreparedStatement | undefined {
  const known = state.prepared.get(id);
  if (known !== undefined) return known;
  const { unnumbered } = state;
  if (unnumbered.length !== 1 || state.mayHaveMissedPrepare || id <= state.lastPreparedId) return undefined;
  const [statement] = unnumbered;
  addNumbered(state, id, statement!);
  return statement;
}

/** MariaDB's id −1: the statement whose PREPARE the client sent last. */
export function preparedLast(state: ConnectionState): PreparedStatement | undefined {
  if (state.gapsAtPrepare !== state.clientGaps) return undefined;
  return state.unnumbered.at(-1) ?? (state.mayHaveMissedPrepare ? undefined : state.prepared.get(state.lastPreparedId));
}
