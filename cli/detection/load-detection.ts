import { loadRules, type RuleChoice } from '../../processors/detect/load-rules.ts';
import { readSuppressions } from '../../processors/detect/read-suppressions.ts';
import type { RuleSet } from '../../processors/detect/rule-set.ts';
import { Suppressions } from '../../processors/detect/suppressions.ts';
import type { Config } from '../config/config-schema.ts';
import { readSmallFile } from '../config/read-small-file.ts';

const MAX_SUPPRESSION_BYTES = 64 * 1024;

/** What detection works with: replaced as a whole by a reload. */
export interface Detection {
  readonly rules: RuleSet;
  readonly suppressions: Suppressions;
}

/** What the section `rules` asks for. */
export function ruleChoice({ rules }: Config): RuleChoice {
  return {
    folders: rules.folders,
    disable: rules.disable,
    override: Object.fromEntries(rules.override.map(({ rule, level }) => [rule, { level }])),
  };
}

/** Reads all rules and suppressions. @throws SqltrailError `config_invalid` with file, line and path of what is wrong. */
export function loadDetection(config: Config): Detection {
  const rules = loadRules(ruleChoice(config));
  const file = config.rules.suppressions;
  if (file === undefined) return { rules, suppressions: new Suppressions([]) };
  const { bytes } = readSmallFile('The file of suppressions', file, MAX_SUPPRESSION_BYTES);
  return { rules, suppressions: new Suppressions(readSuppressions(bytes.toString('utf8'), file)) };
}
