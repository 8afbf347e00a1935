import type { Completeness, RiskLevel, Status, UserNameSource } from '../../schemas/audit-event.ts';
import type { Finding, Severity } from '../../schemas/finding.ts';
import type { LossReason } from '../../schemas/loss.ts';
import type { ParseOutcome } from '../../schemas/statement.ts';

/** The numbers behind the Enum8 columns of `sql/migrations`. A number once used is never given another meaning. */
export const USER_NAME_SOURCE = { unknown: 0, handshake: 1, processlist: 2, change_user: 3 } as const satisfies Record<
  UserNameSource,
  number
>;
export const STATUS = { unknown: 0, ok: 1, error: 2 } as const satisfies Record<Status, number>;
export const COMPLETENESS = { complete: 0, truncated: 1, gap: 2, midstream: 3 } as const satisfies Record<
  Completeness,
  number
>;
export const RISK_LEVEL = { none: 0, info: 1, low: 2, medium: 3, high: 4, critical: 5 } as const satisfies Record<
  RiskLevel,
  number
>;
export const PARSE_OUTCOME = { parsed: 0, failed: 1, too_long: 2, skipped: 3 } as const satisfies Record<
  ParseOutcome,
  number
>;
export const FINDING_KIND = { statement: 0, scheduled: 1 } as const satisfies Record<Finding['kind'], number>;
/** The numbers are also OCSF's severity_id. */
export const SEVERITY = { info: 1, low: 2, medium: 3, high: 4, critical: 5 } as const satisfies Record<
  Severity,
  number
>;
export const LOSS_REASON = { gap: 0, tls: 1, unreadable: 2 } as const satisfies Record<LossReason, number>;

/** `Enum8('name' = number, …)` */
export function enumType(values: Readonly<Record<string, number>>): string {
  return `Enum8(${Object.entries(values)
    .map(([name, value]) => `'${name}' = ${value}`)
    .join(', ')})`;
}
