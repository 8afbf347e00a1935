import type { AuditEvent } from '../../schemas/audit-event.ts';
import { MOST_TABLES } from './statement-tables.ts';

/** Events to drop: all that a rule names must match. */
export interface DropRule {
  readonly user?: string | undefined;
  readonly database?: string | undefined;
  /** `database.table` or `table`. */
  readonly table?: string | undefined;
}

/** Statements whose tables are all that they touch. */
const PLAIN_KINDS: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete', 'replace']);

/**
 * Whether a rule drops the event. Nobody gets rid of a trace by it: refused logins stay, a user name that is not known for sure
 * matches no rule, and a rule for a table matches only statements that use no other and hold no second statement.
 */
export function isDropped(rules: readonly DropRule[], event: AuditEvent): boolean {
  for (const rule of rules) if (matches(rule, event)) return true;
  return false;
}

function matches(rule: DropRule, event: AuditEvent): boolean {
  if (event.command === 'connect' && event.status !== 'ok') return false;
  if (rule.user !== undefined && (event.userName !== rule.user || event.userNameSource === 'unknown')) return false;
  if (rule.database !== undefined && event.databaseName !== rule.database) return false;
  return rule.table === undefined || usesOnly(rule.table, event);
}

function usesOnly(table: string, event: AuditEvent): boolean {
  const { statement } = event;
  if (statement === null || !PLAIN_KINDS.has(statement.kind) || event.completeness !== 'complete') return false;
  const { tables, masked } = statement;
  if (tables.length === 0 || tables.length >= MOST_TABLES || /;(?!\s*$)|\/\*/.test(masked)) return false;
  const isQualified = table.includes('.');
  return tables.every((name) => {
    if (!isQualified) return name.slice(name.lastIndexOf('.') + 1) === table;
    return (name.includes('.') ? name : `${event.databaseName}.${name}`) === table;
  });
}
