import { loadRules } from '../../processors/detect/load-rules.ts';
import { failureFields } from '../../runtime/failure-fields.ts';
import type { LogFields } from '../../runtime/log.ts';

/**
 * What each rule looks for, as its file says. Without it alerts have a rule's title alone: that a rule cannot be read is said, and
 * is no reason to alert nobody.
 */
export function ruleDescriptions(warn: (sentence: string, fields: LogFields) => void): (ruleId: string) => string {
  const descriptions = new Map<string, string>();
  try {
    for (const { id, description } of loadRules().rules) descriptions.set(id, description);
  } catch (error) {
    warn('Alerts have no descriptions of rules: these cannot be read.', failureFields(error));
  }
  return (ruleId) => descriptions.get(ruleId) ?? '';
}
