import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../runtime/package-root.ts';
import { compileRule } from './compile-rule.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { RuleFile } from './rule-schema.ts';

/** The folder of the rules that come with the program. */
export const OWN_RULES = join(packageRoot(), 'rules');
/**
 * All of them in one file, a JSON line each, so that a run needs neither YAML nor the schema's library. A test holds it against the
 * rules' own files.
 */
export const OWN_RULES_BUNDLE = join(OWN_RULES, 'own-rules.ndjson');

/** The rules that come with the program. */
export function ownRules(): CompiledRule[] {
  const lines = readFileSync(OWN_RULES_BUNDLE, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { file, rule } = JSON.parse(line) as { file: string; rule: RuleFile };
    const problems: { path: string; message: string }[] = [];
    const compiled = compileRule(rule, join(OWN_RULES, file), problems);
    if (problems.length > 0) throw new Error(`${file}: ${problems[0]!.path} ${problems[0]!.message}`);
    return compiled;
  });
}
