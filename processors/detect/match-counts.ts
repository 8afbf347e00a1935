import type { RuleLevel } from './rule.ts';

/** How often each rule matched, by how bad it was. Bounded by the rules that there ever were. */
export class MatchCounts {
  private readonly counts = new Map<string, Map<RuleLevel, number>>();

  add(ruleId: string, level: RuleLevel): void {
    let ofRule = this.counts.get(ruleId);
    if (ofRule === undefined) {
      ofRule = new Map();
      this.counts.set(ruleId, ofRule);
    }
    ofRule.set(level, (ofRule.get(level) ?? 0) + 1);
  }

  /** Each pair that was counted, as a series of a metric. */
  *readings(): Iterable<{
    readonly labels: { readonly rule: string; readonly level: RuleLevel };
    readonly value: number;
  }> {
    for (const [rule, levels] of this.counts)
      for (const [level, value] of levels) yield { labels: { rule, level }, value };
  }
}
