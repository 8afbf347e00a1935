import type { Verdict } from '../detect/rule.ts';

/** The step that judges events, as findings see it. */
export interface VerdictSource {
  /** Of the event that passed it last. */
  readonly verdict: Verdict;
}
