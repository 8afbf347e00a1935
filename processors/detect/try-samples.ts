import type { RuleSample } from './rule-schema.ts';
import type { RuleSet } from './rule-set.ts';
import { SampleEvents } from './sample-event.ts';

/** A sample that does not do what its rule says. */
export interface SampleFailure {
  readonly ruleId: string;
  readonly file: string;
  readonly shouldMatch: boolean;
  readonly sample: RuleSample;
}

/** Tries every sample of every rule against that rule alone. */
export function trySamples(rules: RuleSet): { readonly tried: number; readonly failures: readonly SampleFailure[] } {
  const events = new SampleEvents();
  const failures: SampleFailure[] = [];
  let tried = 0;
  for (const { rule, matches, samples } of rules.compiled) {
    if (matches === null) continue;
    const attempt = (sample: RuleSample, shouldMatch: boolean): void => {
      tried++;
      const isMatch = rules.judge(events.event(sample)).ruleIds.includes(rule.id);
      if (isMatch !== shouldMatch) failures.push({ ruleId: rule.id, file: rule.file, shouldMatch, sample });
    };
    for (const sample of samples.matching) attempt(sample, true);
    for (const sample of samples.notMatching) attempt(sample, false);
  }
  return { tried, failures };
}
