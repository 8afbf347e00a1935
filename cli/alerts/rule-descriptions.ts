import { failureFields } from '../../runtime/failure-fields.ts';
import type { LogFields } from '../../runtime/log.ts';
import type { Config } from '../config/config-schema.ts';
import { loadDetection } from '../detection/load-detection.ts';

/**
 * What each rule looks for, as its file says. Without it alerts have a rule's title alone: that a rule cannot be read is said, and
 * is no reason to alert nobody.
 */
export async function ruleDescriptions(
  config: Config,
  warn: (sentence: string, fields: LogFields) => void,
): Promise<(ruleId: string) => string> {
  const descriptions = new Map<string, string>();
  try {
    const { rules } = await loadDetection(config);
    for (const { id, description } of rules.rules) descriptions.set(id, description);
  } catch (error) {
    warn('Alerts have no descriptions of rules: these cannot be read.', failureFields(error));
  }
  return (ruleId) => descriptions.get(ruleId) ?? '';
}
