import { chooseRules, type RuleChoice } from '../../processors/detect/choose-rules.ts';
import { ownRules } from '../../processors/detect/own-rules.ts';
import type { RuleSet } from '../../processors/detect/rule-set.ts';
import type { Suppressions } from '../../processors/detect/suppressions.ts';
import type { Config } from '../config/config-schema.ts';
import { readSmallFile } from '../config/read-small-file.ts';

const MAX_SUPPRESSION_BYTES = 64 * 1024;

/** What detection works with: replaced as a whole by a reload. */
export interface Detection {
  readonly rules: RuleSet;
  /** Null: nothing is suppressed. */
  readonly suppressions: Suppressions | null;
}

/**
 * Reads all rules and suppressions. The libraries that read what people write are loaded only where there is something to read.
 *
 * @throws SqltrailError `config_invalid` with file, line and path of what is wrong.
 */
export async function loadDetection({ rules }: Config): Promise<Detection> {
  const choice: RuleChoice = {
    folders: rules.folders,
    disable: rules.disable,
    override: Object.fromEntries(rules.override.map(({ rule, level }) => [rule, { level }])),
  };
  const given = ownRules();
  if (choice.folders.length > 0) {
    const { readFolder } = await import('../../processors/detect/load-rules.ts');
    given.push(...choice.folders.flatMap(readFolder));
  }
  return { rules: chooseRules(given, choice), suppressions: await suppressionsOf(rules.suppressions) };
}

async function suppressionsOf(file: string | undefined): Promise<Suppressions | null> {
  if (file === undefined) return null;
  const { readSuppressions } = await import('../../processors/detect/read-suppressions.ts');
  const { Suppressions: Made } = await import('../../processors/detect/suppressions.ts');
  const { bytes } = readSmallFile('The file of suppressions', file, MAX_SUPPRESSION_BYTES);
  return new Made(readSuppressions(bytes.toString('utf8'), file));
}
