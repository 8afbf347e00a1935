import type { Rule } from '../detect/rule.ts';

const CONFIDENCE = { stable: 1, test: 0.8, experimental: 0.6 } as const satisfies Record<Rule['status'], number>;

/** How sure a match of a rule is, by the rule's status. */
export function ruleConfidence(status: Rule['status']): number {
  return CONFIDENCE[status];
}
