import type { Severity } from '../../schemas/finding.ts';

/** When findings become alerts. */
export interface AlertRules {
  /** Findings below it do not alert. */
  readonly minimumLevel: Severity;
  /** How long the first finding of a campaign waits for others to share its alert. */
  readonly groupWaitMs: number;
  /** How long further findings of a campaign wait after an alert of it, unless they are graver than all before. */
  readonly groupIntervalMs: number;
  /** An address with names of an alert's fields in braces; null: alerts have none. */
  readonly urlTemplate: string | null;
  /** What a rule looks for; empty where it is not known. */
  readonly describeRule: (ruleId: string) => string;
}
