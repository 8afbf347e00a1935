import type { RiskLevel } from '../../schemas/audit-event.ts';

/** How bad what a rule finds is; the order is that of `RISK_LEVELS`. */
export type RuleLevel = Exclude<RiskLevel, 'none'>;

/** From harmless to worst; an event has the greatest level of the rules that match it. */
export const RISK_LEVELS = [
  'none',
  'info',
  'low',
  'medium',
  'high',
  'critical',
] as const satisfies readonly RiskLevel[];

/**
 * What a rule looks at: the statement alone, also what the server answered, what the protocol says without any statement, or, as a
 * scheduled query, the audit trail of many events.
 */
export type RuleSignal = 'statement' | 'response' | 'protocol' | 'scheduled';

/** What a finding says of the rule that made it. Read from one file of a rules folder; immutable. */
export interface Rule {
  /** A contract: `area.name` in lower case, the same for ever. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly status: 'stable' | 'test' | 'experimental';
  /** Without its escalations; those of a single match are in `RuleMatch.level`. */
  readonly level: RuleLevel;
  /** Addresses of pages about the technique. */
  readonly references: readonly string[];
  /** `attack.t1190`, `attack.t1505.003`, tactics as `attack.initial_access`. */
  readonly tags: readonly string[];
  /** Sentences about what else looks like this. */
  readonly falsePositives: readonly string[];
  readonly signal: RuleSignal;
  /** Name of the query `sql/detections/NAME.sql` that makes findings of this rule, beside single events or alone; null without one. */
  readonly scheduled: string | null;
  /** Where it was read from, as given. */
  readonly file: string;
}

/** One rule that matches one event, and how bad this is in this case. */
export interface RuleMatch {
  readonly rule: Rule;
  readonly level: RuleLevel;
}

/** What the rules say of an event. Shared by all events of which they say the same; immutable. */
export interface Verdict {
  /** In the order of the rules' ids. */
  readonly matches: readonly RuleMatch[];
  readonly ruleIds: readonly string[];
  readonly riskLevel: RiskLevel;
}

/** The worse of two levels. */
export function worse<Level extends RiskLevel>(a: Level, b: Level): Level {
  return RISK_LEVELS.indexOf(a) >= RISK_LEVELS.indexOf(b) ? a : b;
}
