import { type Known, NO, type Predicate, YES } from './predicate.ts';
import { RISK_LEVELS, type Rule, type RuleLevel, worse } from './rule.ts';
import type { RuleSample } from './rule-schema.ts';

/** A rule as read, ready to be asked about single events. */
export interface CompiledRule {
  readonly rule: Rule;
  /** Null for a scheduled one: that is a query. */
  readonly matches: Predicate | null;
  /** Under which condition a match is how bad, worst first. */
  readonly escalations: readonly Escalation[];
  readonly samples: { readonly matching: readonly RuleSample[]; readonly notMatching: readonly RuleSample[] };
}

export interface Escalation {
  readonly level: RuleLevel;
  readonly when: Predicate;
}

/** How bad a match is; null where that depends on the event and there is none. */
export function levelOf({ rule, escalations }: CompiledRule, known: Known): RuleLevel | null {
  for (const { level, when } of escalations) {
    const answer = when(known);
    if (answer === YES) return worse(level, rule.level);
    if (answer !== NO) return null;
  }
  return rule.level;
}

/** In the order in which `levelOf` asks them. */
export function worstFirst(escalations: readonly Escalation[]): Escalation[] {
  return [...escalations].sort((a, b) => RISK_LEVELS.indexOf(b.level) - RISK_LEVELS.indexOf(a.level));
}
