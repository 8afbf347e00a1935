import type { AuditEvent } from '../../schemas/audit-event.ts';
import { type FeatureSet, NO_FEATURES } from '../../schemas/feature-set.ts';
import type { Statement } from '../../schemas/statement.ts';
import { type CompiledRule, levelOf } from './compiled-rule.ts';
import { DEPENDS, type Known, NO, YES } from './predicate.ts';
import { RISK_LEVELS, type Rule, type RuleMatch, type Verdict } from './rule.ts';

/** Verdicts kept, by statement and features. */
const MOST_KEPT = 65_536;
/** Of one digest, with different features. */
const MOST_PER_DIGEST = 8;

export const NO_VERDICT: Verdict = Object.freeze({ matches: [], ruleIds: [], riskLevel: 'none' });

/** What all events with one statement and the same features have in common. */
interface Kept {
  readonly masked: string;
  readonly features: FeatureSet;
  readonly sure: Verdict;
  /** Rules that need the event. */
  readonly open: readonly CompiledRule[];
}

/**
 * All rules in force. What a statement and its features decide alone is worked out once for both, so that ordinary traffic costs a
 * look-up. Immutable: a reload makes a new set.
 */
export class RuleSet {
  /** By id, in order. */
  readonly rules: readonly Rule[];
  readonly compiled: readonly CompiledRule[];
  private readonly byId: ReadonlyMap<string, Rule>;
  private readonly kept = new Map<string, Kept[]>();

  constructor(compiled: readonly CompiledRule[]) {
    this.compiled = [...compiled].sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1));
    this.rules = this.compiled.map(({ rule }) => rule);
    this.byId = new Map(this.rules.map((rule) => [rule.id, rule]));
  }

  rule(id: string): Rule | undefined {
    return this.byId.get(id);
  }

  /** Which rules match an event, by its `features` and fields. */
  judge(event: AuditEvent): Verdict {
    const { statement, features } = event;
    const kept = this.keptFor(statement, features ?? NO_FEATURES);
    if (kept.open.length === 0) return kept.sure;
    const known: Known = { statement, features: kept.features, event };
    let matches: RuleMatch[] | null = null;
    for (const compiled of kept.open) {
      if (compiled.matches!(known) !== YES) continue;
      matches ??= [...kept.sure.matches];
      matches.push({ rule: compiled.rule, level: levelOf(compiled, known)! });
    }
    return matches === null ? kept.sure : verdictOf(matches);
  }

  private keptFor(statement: Statement | null, features: FeatureSet): Kept {
    const digest = statement === null ? '' : statement.digest;
    const masked = statement === null ? '' : statement.masked;
    let ofDigest = this.kept.get(digest);
    if (ofDigest !== undefined)
      for (const kept of ofDigest) if (kept.masked === masked && kept.features.equals(features)) return kept;
    const kept = this.work(statement, masked, features);
    if (ofDigest === undefined || ofDigest.length >= MOST_PER_DIGEST) {
      if (this.kept.size >= MOST_KEPT) this.kept.clear();
      ofDigest = [];
      this.kept.set(digest, ofDigest);
    }
    ofDigest.push(kept);
    return kept;
  }

  private work(statement: Statement | null, masked: string, features: FeatureSet): Kept {
    const known: Known = { statement, features, event: null };
    const matches: RuleMatch[] = [];
    const open: CompiledRule[] = [];
    for (const compiled of this.compiled) {
      if (compiled.matches === null) continue;
      const answer = compiled.matches(known);
      if (answer === NO) continue;
      const level = answer === DEPENDS ? null : levelOf(compiled, known);
      if (level === null) open.push(compiled);
      else matches.push({ rule: compiled.rule, level });
    }
    return { masked, features, sure: verdictOf(matches), open };
  }
}

/** @param matches Sorted here. */
export function verdictOf(matches: RuleMatch[]): Verdict {
  if (matches.length === 0) return NO_VERDICT;
  matches.sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1));
  let worst = 0;
  for (const { level } of matches) worst = Math.max(worst, RISK_LEVELS.indexOf(level));
  return Object.freeze({ matches, ruleIds: matches.map(({ rule }) => rule.id), riskLevel: RISK_LEVELS[worst]! });
}
