import type { AuditEvent } from './audit-event.ts';
import { auditJson } from './audit-json.ts';
import { AuditLineReader } from './audit-record.ts';
import { hasAuditTypes } from './has-audit-types.ts';
import { type SqlMode, SqlText } from './sql-text.ts';

/** What mask needs of an event and no audit line has. */
interface Unmasked {
  /** Base64 of the text; null where there is none. */
  sql: string | null;
  sql_mode: SqlMode;
  sql_loss: SqlText['loss'];
  /** Base64 of the server's message; null without error. */
  error_message: string | null;
}

const NO_MODE: SqlMode = { charset: '', noBackslashEscapes: null, ansiQuotes: null };
const LOSSES: ReadonlySet<unknown> = new Set(['none', 'tail', 'head']);
const LONGEST_CHARSET = 64;

/**
 * An event on its way to mask as a line of `mysql.after-decode.v1` or `mysql.after-identify.v1`, without the newline: its
 * `auditJson`, and `unmasked`. Holds the statement as the client sent it. A text has at most 64 MiB, which is 86 MiB in base64.
 */
export function eventLine(event: AuditEvent): string {
  const { sql, errorMessage } = event;
  const unmasked: Unmasked = {
    sql: sql === null ? null : sql.bytes.toString('base64', sql.start, sql.end),
    sql_mode: sql === null ? NO_MODE : sql.mode,
    sql_loss: sql === null ? 'none' : sql.loss,
    error_message: errorMessage === null ? null : errorMessage.toString('base64'),
  };
  return JSON.stringify({ ...auditJson(event, false), unmasked });
}

/** Reads lines of topics between stages. */
export class EventLineReader {
  private readonly auditLines = new AuditLineReader();

  /** @returns null where the text is no such line. Never throws. */
  read(text: string): AuditEvent | null {
    let row: unknown;
    try {
      row = JSON.parse(text);
    } catch {
      return null;
    }
    if (!hasAuditTypes(row)) return null;
    const { unmasked } = row as { unmasked?: unknown };
    if (!isUnmasked(unmasked)) return null;
    const event = this.auditLines.event(row);
    if (event === null) return null;
    if (unmasked.sql !== null) {
      const bytes = Buffer.from(unmasked.sql, 'base64');
      event.sql = new SqlText(bytes, 0, bytes.length, unmasked.sql_mode, unmasked.sql_loss);
    }
    if (unmasked.error_message !== null) event.errorMessage = Buffer.from(unmasked.error_message, 'base64');
    return event;
  }
}

function isUnmasked(value: unknown): value is Unmasked {
  if (typeof value !== 'object' || value === null) return false;
  const unmasked = value as Unmasked;
  return (
    (unmasked.sql === null || typeof unmasked.sql === 'string') &&
    (unmasked.error_message === null || typeof unmasked.error_message === 'string') &&
    LOSSES.has(unmasked.sql_loss) &&
    isSqlMode(unmasked.sql_mode)
  );
}

/** Whether foreign JSON says how to read a text. */
export function isSqlMode(value: unknown): value is SqlMode {
  if (typeof value !== 'object' || value === null) return false;
  const mode = value as SqlMode;
  return (
    typeof mode.charset === 'string' &&
    mode.charset.length <= LONGEST_CHARSET &&
    (mode.noBackslashEscapes === null || typeof mode.noBackslashEscapes === 'boolean') &&
    (mode.ansiQuotes === null || typeof mode.ansiQuotes === 'boolean')
  );
}
