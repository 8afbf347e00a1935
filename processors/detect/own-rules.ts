import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../runtime/package-root.ts';
import { compileRule } from './compile-rule.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { RuleFile } from './rule-schema.ts';

/** The folder of the rules that come with the program. */
export const OWN_RULES = join(packageRoot(), 'rules');
/** All of them as JSON, by file name: so that a run needs neither YAML nor the schema's library. A test holds it against the files. */
export const OWN_RULES_BUNDLE = join(OWN_RULES, 'own-rules.json');

/** The rules that come with the program. */
export function ownRules(): CompiledRule[] {
  const bundle = JSON.parse(readFileSync(OWN_RULES_BUNDLE, 'utf8')) as Record<string, RuleFile>;
  return Object.entries(bundle).map(([name, data]) => {
    const problems: { path: string; message: string }[] = [];
    const compiled = compileRule(data, join(OWN_RULES, name), problems);
    if (problems.length > 0) throw new Error(`${name}: ${problems[0]!.path} ${problems[0]!.message}`);
    return compiled;
  });
}
