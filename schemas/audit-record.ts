// Hot path
import type { AuditEvent } from './audit-event.ts';
import { auditJson } from './audit-json.ts';
import { auditText } from './audit-text.ts';
import { eventOfRow } from './event-of-row.ts';
import { FamiliarLines } from './familiar-lines.ts';
import { hasAuditTypes } from './has-audit-types.ts';
import { parsedJson } from './parsed-json.ts';
import type { Statement } from './statement.ts';

/** Longest masked text of a line, in bytes of UTF-8. */
export const MASKED_LIMIT_BYTES = 1024 * 1024;
/**
 * An event as a line of `mysql.audit.v1`, without the newline: its `auditJson`. A masked text beyond 1 MiB is cut and ends in `…`;
 * the event's completeness, digest and true length stay as they are.
 *
 * @param keepRaw As in `auditJson`; the unmasked text is not cut.
 */
export function auditLine(event: AuditEvent, keepRaw: boolean): string {
  const masked = event.statement === null ? '' : maskedOf(event.statement);
  return keepRaw ? JSON.stringify({ ...auditJson(event, true), statement_masked: masked }) : auditText(event, masked);
}

/** What takes the lines of a record. Lines are numbered from 0. */
export interface AuditTaker {
  event(event: AuditEvent, line: number): void;
  /** Nothing could be made of it. */
  bad(line: number): void;
}

/**
 * Reads a record of `mysql.audit.v1` back into events, whoever wrote it. Events of a connection share its facts, and those with
 * the same text its Statement, whose `parse` is `skipped`: no line tells it. Fields that are not known are ignored. Never throws.
 */
export function readAuditRecord(value: Buffer, take: AuditTaker): void {
  let line = 0;
  for (let start = 0; start < value.length; line++) {
    let end = value.indexOf(NEWLINE, start);
    if (end < 0) end = value.length;
    if (end > start) {
      const event = familiar.read(value, start, end) ?? unfamiliar(value.toString('utf8', start, end));
      if (event === null) take.bad(line);
      else take.event(event, line);
    }
    start = end + 1;
  }
}

const NEWLINE = 0x0a;
const familiar = new FamiliarLines();

/** The event of a line of any form; null where it has none. */
function unfamiliar(text: string): AuditEvent | null {
  const row = parsedJson(text);
  const event = hasAuditTypes(row) ? eventOfRow(row, 'skipped') : null;
  if (event !== null && familiar.isLearnable && text === auditLine(event, false)) familiar.learn(event, text);
  return event;
}

/** Events of one long statement often come together. */
const cuts = new WeakMap<Statement, string>();

function maskedOf(statement: Statement): string {
  // No character takes more than three bytes of UTF-8 for each of its UTF-16 units.
  if (statement.masked.length <= MASKED_LIMIT_BYTES / 3) return statement.masked;
  let text = cuts.get(statement);
  if (text !== undefined) return text;
  const bytes = Buffer.from(statement.masked);
  if (bytes.length <= MASKED_LIMIT_BYTES) return statement.masked;
  let end = MASKED_LIMIT_BYTES - Buffer.byteLength('…');
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  text = `${bytes.toString('utf8', 0, end)}…`;
  cuts.set(statement, text);
  return text;
}
