import { type SampleFailure, trySamples } from '../../processors/detect/try-samples.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Config } from '../config/config-schema.ts';
import { loadDetection } from '../detection/load-detection.ts';
import { visibleText } from '../output/visible-text.ts';

/**
 * Tries all samples of the rules in force; their texts are the authors' own and are shown.
 *
 * @throws SqltrailError `rule_failed` where one does not do what its rule says.
 */
export async function testRules(config: Config): Promise<void> {
  const { rules } = await loadDetection(config);
  const { tried, failures } = trySamples(rules);
  for (const failure of failures) process.stdout.write(`${visibleText(sentence(failure))}\n`);
  if (failures.length > 0)
    throw new SqltrailError(
      'rule_failed',
      `${failures.length} of ${tried} samples fail.`,
      '`sqltrail rules explain` says what fires on a statement.',
    );
  process.stdout.write(`${rules.rules.length} rules, ${tried} samples: all do what they should.\n`);
}

function sentence({ ruleId, file, shouldMatch, sample }: SampleFailure): string {
  const text = typeof sample === 'string' ? sample : JSON.stringify(sample);
  return `${file}: ${ruleId} ${shouldMatch ? 'does not match' : 'matches'} ${text}`;
}
