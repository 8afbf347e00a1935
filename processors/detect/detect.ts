// Hot path
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { EventStep, StepVerdict } from '../event-steps.ts';
import { MatchCounts } from './match-counts.ts';
import type { Verdict } from './rule.ts';
import { NO_VERDICT, type RuleSet, verdictOf } from './rule-set.ts';
import type { SuppressibleFacts, Suppressions } from './suppressions.ts';

/** Gives each event the ids of the rules that match it, and its risk. Works on masked events alone: it reads features and fields. */
export class Detect implements EventStep {
  /** Replaced as a whole by a reload. */
  rules: RuleSet;
  suppressions: Suppressions | null;
  /** Of the event that `apply` took last. */
  verdict: Verdict = NO_VERDICT;
  readonly counts = { events: 0, matched: 0, suppressed: 0 };
  /** Of what was not suppressed. */
  readonly matches = new MatchCounts();

  /** @param suppressions Null: nothing is suppressed. */
  constructor(rules: RuleSet, suppressions: Suppressions | null = null) {
    this.rules = rules;
    this.suppressions = suppressions;
  }

  apply(event: AuditEvent): StepVerdict {
    const verdict = this.verdictOf(event);
    this.verdict = verdict;
    event.ruleIds = verdict.ruleIds;
    event.riskLevel = verdict.riskLevel;
    this.counts.events++;
    if (verdict !== NO_VERDICT) this.count(verdict);
    return 'passed_on';
  }

  private count({ matches }: Verdict): void {
    this.counts.matched++;
    for (const { rule, level } of matches) this.matches.add(rule.id, level);
  }

  /** What the rules say, without what is suppressed. */
  private verdictOf(event: AuditEvent): Verdict {
    const verdict = this.rules.judge(event);
    if (verdict === NO_VERDICT || this.suppressions === null || this.suppressions.isEmpty) return verdict;
    const { suppressions } = this;
    const facts = factsOf(event);
    const left = verdict.matches.filter(({ rule }) => !suppressions.covers(rule.id, facts));
    if (left.length === verdict.matches.length) return verdict;
    this.counts.suppressed += verdict.matches.length - left.length;
    return verdictOf(left);
  }
}

function factsOf(event: AuditEvent): SuppressibleFacts {
  return {
    timeUs: event.timeUs,
    user: event.userName,
    client: event.connection.clientAddress,
    clientProgram: event.clientProgram,
    digest: event.statement?.digest ?? '',
    database: event.databaseName,
  };
}
