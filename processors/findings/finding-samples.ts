import type { AuditEvent } from '../../schemas/audit-event.ts';
import { eventId } from '../../schemas/event-id.ts';
import { FINDING_BOUNDS, type FindingSample } from '../../schemas/finding.ts';
import { isoTime } from '../../schemas/iso-time.ts';

/** So many different statements are kept for being the first. */
const FIRST_STATEMENTS = 4;

/**
 * Of these the samples to keep, the earliest first: the first of each of the first statements, and the first of each rule. Taken of
 * parts and then of what the parts kept, it is the same as taken of all at once.
 */
export function selectSamples(samples: readonly FindingSample[]): FindingSample[] {
  const statements = new Set<string>();
  const rules = new Set<string>();
  const selected: FindingSample[] = [];
  for (const sample of [...samples].sort(byTime)) {
    const statement = statementOf(sample);
    const isFirst = statements.size < FIRST_STATEMENTS && !statements.has(statement);
    if (!isFirst && sample.rule_ids.every((id) => rules.has(id))) continue;
    statements.add(statement);
    for (const id of sample.rule_ids) rules.add(id);
    selected.push(sample);
  }
  return selected.slice(0, FINDING_BOUNDS.samples);
}

/** @returns The samples with the event among them, where it is one to keep. */
export function withSample(samples: FindingSample[], event: AuditEvent, ruleIds: readonly string[]): FindingSample[] {
  const sample = sampleOf(event, ruleIds);
  const last = samples.at(-1);
  // Nearly all events of a long finding come later than its samples and show nothing new.
  const isNews =
    last === undefined ||
    sample.event_time <= last.event_time ||
    ruleIds.some((id) => samples.every(({ rule_ids }) => !rule_ids.includes(id))) ||
    (samples.every((each) => statementOf(each) !== statementOf(sample)) &&
      new Set(samples.map(statementOf)).size < FIRST_STATEMENTS);
  return isNews ? selectSamples([...samples, sample]) : samples;
}

/** Adds what is missing, up to the bound. */
export function addTables(tables: string[], more: readonly string[]): void {
  for (const table of more) {
    if (tables.length >= FINDING_BOUNDS.tables) return;
    if (!tables.includes(table)) tables.push(table);
  }
}

function sampleOf(event: AuditEvent, ruleIds: readonly string[]): FindingSample {
  return {
    event_time: isoTime(event.timeUs),
    event_id: eventId(event.connection.uid, event.sequence),
    connection_uid: event.connection.uid,
    command: event.command,
    statement_digest: event.statement?.digest ?? '',
    statement_masked: beginningOf(event.statement?.masked ?? '', FINDING_BOUNDS.statement),
    rule_ids: ruleIds.slice(0, FINDING_BOUNDS.rules),
    error_code: event.errorCode,
    error_message_masked: beginningOf(event.errorMessageMasked, FINDING_BOUNDS.message),
    returned_rows: event.returnedRows,
  };
}

function statementOf(sample: FindingSample): string {
  return `${sample.command} ${sample.statement_digest}`;
}

function byTime(a: FindingSample, b: FindingSample): number {
  if (a.event_time !== b.event_time) return a.event_time < b.event_time ? -1 : 1;
  return a.event_id < b.event_id ? -1 : a.event_id > b.event_id ? 1 : 0;
}

/** At most so many UTF-16 units, no half of a character at the end. */
function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}
