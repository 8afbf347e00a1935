import type { Rule, RuleLevel, Verdict } from '../../../processors/detect/rule.ts';
import { worse } from '../../../processors/detect/rule.ts';

/** A rule with nothing but what findings take of it. */
export function madeRule(id: string, level: RuleLevel, fields: Partial<Rule> = {}): Rule {
  return {
    id,
    title: `Title of ${id}`,
    description: 'Made for a test.',
    status: 'stable',
    level,
    references: [],
    tags: ['attack.t1190'],
    falsePositives: [],
    signal: 'statement',
    scheduled: null,
    file: `${id}.yml`,
    ...fields,
  };
}

/** What rules say of an event, in the order of their ids as detect has it. */
export function madeVerdict(...rules: readonly Rule[]): Verdict {
  const sorted = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  let riskLevel: Verdict['riskLevel'] = 'none';
  for (const { level } of sorted) riskLevel = worse(riskLevel, level);
  return {
    matches: sorted.map((rule) => ({ rule, level: rule.level })),
    ruleIds: sorted.map(({ id }) => id),
    riskLevel,
  };
}
