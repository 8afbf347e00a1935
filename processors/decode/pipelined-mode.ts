// Hot path
import type { SqlMode } from '../../schemas/sql-text.ts';
import { type ConnectionState, UNKNOWN_MODE } from './connection-state.ts';
import { mayChangeSession, readSessionFacts } from './session-facts.ts';
import { sqlMode } from './sql-modes.ts';

const SEMICOLON = 0x3b;
/** Behind more unanswered commands than this, or a longer text among them, nothing is taken for known. */
const MAX_COMMANDS = 128;
const MAX_BYTES = 64 * 1024;

/**
 * How the text that begins now is read. One sent before earlier commands were answered is read by the server with what these make of
 * the session, if they succeed: where they may change it, what they may change is unknown.
 */
export function modeOfNext(state: ConnectionState): SqlMode {
  let { mode } = state;
  if (state.oldest === null) return mode;
  if (state.pendingCount > MAX_COMMANDS) return UNKNOWN_MODE;
  for (const { command, sql } of state.pending) {
    if (command === 'change_user' || command === 'reset_connection') return UNKNOWN_MODE;
    if (sql === null || (command !== 'query' && command !== 'execute')) continue;
    const { bytes, start, end } = sql;
    if (end - start > MAX_BYTES) return UNKNOWN_MODE;
    const isSeveral = bytes.subarray(start, end).includes(SEMICOLON);
    if (!mayChangeSession(bytes, start, end, isSeveral)) continue;
    const facts = readSessionFacts(bytes, start, end, isSeveral, sql.loss === 'none');
    if (facts.charset !== null && facts.charset !== mode.charset)
      mode = sqlMode('', mode.noBackslashEscapes, mode.ansiQuotes);
    if (facts.ansiQuotes !== 'kept') mode = sqlMode(mode.charset, null, null);
  }
  return mode;
}
