import { parseYaml, type YamlFile, YamlProblem } from '../../runtime/yaml.ts';
import { compileRule } from './compile-rule.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { type FileProblem, invalidFile, problemSentence, problemsOf } from './file-problems.ts';
import { ruleFileSchema } from './rule-schema.ts';

const RULE_KEYS = Object.keys(ruleFileSchema.shape);

/**
 * Reads one rule file.
 *
 * @param file Its name, for errors.
 * @throws SqltrailError `config_invalid`: every mistake with its line and path.
 */
export function readRule(text: string, file: string): CompiledRule {
  let yaml: YamlFile;
  try {
    yaml = parseYaml(text);
  } catch (cause) {
    if (!(cause instanceof YamlProblem)) throw cause;
    throw invalidFile('rule', [`${cause.line === null ? file : `${file}, line ${cause.line}`}: ${cause.message}.`]);
  }
  const problems: FileProblem[] = [];
  const parsed = ruleFileSchema.safeParse(yaml.value);
  let compiled: CompiledRule | null = null;
  if (parsed.success) compiled = compileRule(parsed.data, file, problems);
  else problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(issue, [], RULE_KEYS)));
  if (compiled !== null && problems.length === 0) return compiled;
  throw invalidFile(
    'rule',
    problems.map((problem) => problemSentence(problem, file, yaml.lines)),
  );
}
