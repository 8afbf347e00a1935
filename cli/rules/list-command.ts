import type { Config } from '../config/config-schema.ts';
import { loadDetection } from '../detection/load-detection.ts';

/** One line for each rule: id, level, signal, title. */
export async function listRules(config: Config): Promise<void> {
  const { rules } = (await loadDetection(config)).rules;
  const longest = Math.max(...rules.map(({ id }) => id.length));
  for (const { id, level, signal, title } of rules)
    process.stdout.write(`${id.padEnd(longest)}  ${level.padEnd(8)}  ${signal.padEnd(9)}  ${title}\n`);
}
