import { closestName } from '../../runtime/closest-name.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Config } from '../config/config-schema.ts';
import { loadDetection } from '../detection/load-detection.ts';
import { visibleText } from '../output/visible-text.ts';

/** Everything about one rule but its conditions, for which it names the file. @throws SqltrailError `usage` for an unknown id. */
export async function showRule(id: string, config: Config): Promise<void> {
  const { rules } = await loadDetection(config);
  const rule = rules.rule(id);
  if (rule === undefined) {
    const closest = closestName(
      id,
      rules.rules.map((known) => known.id),
    );
    const cure = closest === null ? 'sqltrail rules list names them all.' : `Did you mean ${closest}?`;
    throw new SqltrailError('usage', `There is no rule ${visibleText(id)}.`, cure);
  }
  const { title, level, status, signal, scheduled, description, falsePositives, tags, references, file } = rule;
  const lines = [
    `${rule.id}: ${title}`,
    `${level}, ${status}, looks at: ${signal}${scheduled === null ? '' : ` (sql/detections/${scheduled}.sql)`}`,
    '',
    description,
    ...(falsePositives.length === 0 ? [] : ['', 'Looks the same:', ...falsePositives.map((line) => `  ${line}`)]),
    ...(tags.length === 0 ? [] : ['', `Tags: ${tags.join(', ')}`]),
    ...references.map((address) => `See ${address}`),
    '',
    file,
  ];
  process.stdout.write(`${lines.map(visibleText).join('\n')}\n`);
}
