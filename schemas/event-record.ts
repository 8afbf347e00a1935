import { AuditEvent, type ParameterValue } from './audit-event.ts';
import type { AuditRow } from './audit-schema.ts';
import { auditText } from './audit-text.ts';
import { eachLine } from './each-line.ts';
import { eventOfRow } from './event-of-row.ts';
import { FeatureSet } from './feature-set.ts';
import { hasAuditTypes } from './has-audit-types.ts';
import { isAttributes, isParameters } from './is-parameters.ts';
import { isSqlMode } from './is-sql-mode.ts';
import { lossLine, lossOf } from './ledger-record.ts';
import { ledgerLossSchema } from './ledger-schema.ts';
import type { Loss } from './loss.ts';
import { parsedJson } from './parsed-json.ts';
import { type SqlMode, SqlText } from './sql-text.ts';
import type { ParseOutcome } from './statement.ts';

/** What later stages need of an event and no audit line has. Bytes are base64. */
interface Unmasked {
  sql: { text: string; mode: SqlMode; loss: SqlText['loss'] } | null;
  error_message: string | null;
  /** Of its statement; null where that is not made yet. */
  parse: ParseOutcome | null;
  parameters: (ParameterValue | ParameterValue[])[] | null;
  query_attributes: Record<string, ParameterValue> | null;
  /** The server asked the client for a file; left out where it did not. */
  local_infile?: boolean;
}

/**
 * An event or loss on its way to a later stage as a line of `mysql.after-STAGE.v1`, without the newline: an event's `auditJson` and
 * `unmasked`, a loss as on `mysql.ledger.v1`. Before mask it holds the statement as the client sent it, whole: 64 MiB of it are 86 MiB
 * in base64. Behind mask it holds `features` instead, and nothing that is not masked.
 */
export function eventLine(output: AuditEvent | Loss): string {
  if (!(output instanceof AuditEvent)) return lossLine(output);
  const { sql, errorMessage, statement, parameters, queryAttributes, features } = output;
  const row = auditText(output, statement === null ? '' : statement.masked);
  if (features !== null) {
    const parse = statement === null ? null : statement.parse;
    const unmasked: Unmasked = { sql: null, error_message: null, parse, parameters: null, query_attributes: null };
    return `${row.slice(0, -1)},"features":${JSON.stringify(features.names())},"unmasked":${JSON.stringify(unmasked)}}`;
  }
  const unmasked: Unmasked = {
    sql:
      sql === null ? null : { text: sql.bytes.toString('base64', sql.start, sql.end), mode: sql.mode, loss: sql.loss },
    error_message: errorMessage === null ? null : errorMessage.toString('base64'),
    parse: statement === null ? null : statement.parse,
    parameters,
    query_attributes: queryAttributes,
    ...(output.localInfileRequested && { local_infile: true }),
  };
  return `${row.slice(0, -1)},"unmasked":${JSON.stringify(unmasked)}}`;
}

/** What takes the lines of a record. Lines are numbered from 0. */
export interface OutputTaker {
  output(output: AuditEvent | Loss): void;
  /** Nothing could be made of it. */
  bad(line: number): void;
}

/** Reads a record of `mysql.after-STAGE.v1`, whoever wrote it. Fields that are not known are ignored. Never throws. */
export function readEventRecord(value: Buffer, take: OutputTaker): void {
  eachLine(value, (text, line) => {
    const row = parsedJson(text);
    const output = hasAuditTypes(row) ? eventOf(row) : lossOfRow(row);
    if (output === null) take.bad(line);
    else take.output(output);
  });
}

function lossOfRow(row: unknown): Loss | null {
  const parsed = ledgerLossSchema.safeParse(row);
  return parsed.success ? lossOf(parsed.data) : null;
}

function eventOf(row: AuditRow): AuditEvent | null {
  const { unmasked, features } = row as { unmasked?: unknown; features?: unknown };
  if (!isUnmasked(unmasked)) return null;
  const event = eventOfRow(row, unmasked.parse ?? 'skipped');
  if (event === null) return null;
  if (unmasked.sql !== null) {
    const bytes = Buffer.from(unmasked.sql.text, 'base64');
    event.sql = new SqlText(bytes, 0, bytes.length, unmasked.sql.mode, unmasked.sql.loss);
  }
  if (unmasked.error_message !== null) event.errorMessage = Buffer.from(unmasked.error_message, 'base64');
  event.parameters = unmasked.parameters;
  event.queryAttributes = unmasked.query_attributes;
  event.localInfileRequested = unmasked.local_infile === true;
  if (Array.isArray(features)) event.features = FeatureSet.named(features.filter((name) => typeof name === 'string'));
  return event;
}

const LOSSES: ReadonlySet<unknown> = new Set<SqlText['loss']>(['none', 'tail', 'head']);
const PARSES: ReadonlySet<unknown> = new Set<ParseOutcome | null>(['parsed', 'failed', 'too_long', 'skipped', null]);

function isUnmasked(value: unknown): value is Unmasked {
  if (typeof value !== 'object' || value === null) return false;
  const unmasked = value as Unmasked;
  return (
    isSqlOrNull(unmasked.sql) &&
    (unmasked.error_message === null || typeof unmasked.error_message === 'string') &&
    PARSES.has(unmasked.parse) &&
    (unmasked.parameters === null || isParameters(unmasked.parameters)) &&
    (unmasked.query_attributes === null || isAttributes(unmasked.query_attributes))
  );
}

function isSqlOrNull(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return false;
  const { text, mode, loss } = value as NonNullable<Unmasked['sql']>;
  return typeof text === 'string' && LOSSES.has(loss) && isSqlMode(mode);
}
