import type { z } from 'zod';
import { closestName } from '../../runtime/closest-name.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { parseYaml, type YamlFile, YamlProblem } from '../../runtime/yaml.ts';
import { compileField, FieldProblem } from './compile-field.ts';
import { type CompiledRule, type Escalation, worstFirst } from './compiled-rule.ts';
import { type Condition, ConditionProblem, parseCondition, selectionsOf } from './condition.ts';
import { allOf, anyOf, type Predicate, predicateOf } from './predicate.ts';
import type { Rule, RuleLevel } from './rule.ts';
import { type RuleFile, ruleFileSchema } from './rule-schema.ts';

interface Problem {
  readonly path: string;
  readonly message: string;
}

type Fields = Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>;

/** More of them at once help nobody. */
const MAX_PROBLEMS = 10;
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
    throw invalid([`${cause.line === null ? file : `${file}, line ${cause.line}`}: ${cause.message}.`]);
  }
  const problems: Problem[] = [];
  const parsed = ruleFileSchema.safeParse(yaml.value);
  let compiled: CompiledRule | null = null;
  if (parsed.success) compiled = compile(parsed.data, file, problems);
  else problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(issue, [])));
  if (compiled !== null && problems.length === 0) return compiled;
  throw invalid(problems.map((problem) => sentenceOf(problem, file, yaml.lines)));
}

function compile(data: RuleFile, file: string, problems: Problem[]): CompiledRule {
  const { detection } = data;
  const scheduled = detection.scheduled ?? null;
  const { condition } = detection;
  if ((condition === undefined) !== (data.signal === 'scheduled'))
    problems.push({
      path: 'signal',
      message: 'must be scheduled where, and only where, the detection is a query alone',
    });
  if (condition === undefined && scheduled === null)
    problems.push({ path: 'detection', message: 'must have a condition, or name a scheduled query' });
  if (condition !== undefined && data.samples === undefined)
    problems.push({ path: 'samples', message: 'must give examples that match and that do not' });
  const rule: Rule = Object.freeze({
    id: data.id,
    title: data.title,
    description: data.description,
    status: data.status,
    level: data.level,
    references: data.references ?? [],
    tags: data.tags ?? [],
    falsePositives: data.falsepositives ?? [],
    signal: data.signal,
    scheduled,
    file,
  });
  const { matches, escalations } =
    condition === undefined ? { matches: null, escalations: [] } : compileDetection(data, condition, problems);
  const { matching = [], not_matching: notMatching = [] } = data.samples ?? {};
  return { rule, matches, escalations, samples: { matching, notMatching } };
}

function compileDetection(
  { detection, escalate }: RuleFile,
  conditionText: string,
  problems: Problem[],
): { matches: Predicate | null; escalations: readonly Escalation[] } {
  const selections = new Map<string, Predicate>();
  for (const [name, selection] of Object.entries(detection)) {
    if (name === 'condition' || name === 'scheduled') continue;
    selections.set(name, compileSelection(selection as Fields | readonly Fields[], `detection.${name}`, problems));
  }
  const used = new Set<string>();
  const predicate = (text: string, path: string): Predicate | null => {
    let condition: Condition;
    try {
      condition = parseCondition(text, [...selections.keys()]);
    } catch (cause) {
      if (!(cause instanceof ConditionProblem)) throw cause;
      problems.push({ path, message: cause.message });
      return null;
    }
    for (const name of selectionsOf(condition)) used.add(name);
    return predicateOf(condition, selections);
  };
  const matches = predicate(conditionText, 'detection.condition');
  const escalations: Escalation[] = [];
  for (const [level, text] of Object.entries(escalate ?? {})) {
    const when = predicate(text, `escalate.${level}`);
    if (when !== null) escalations.push({ level: level as RuleLevel, when });
  }
  for (const name of selections.keys())
    if (!used.has(name)) problems.push({ path: `detection.${name}`, message: 'is in no condition' });
  return { matches, escalations: worstFirst(escalations) };
}

/** Fields of a map all hold; of a list of maps one is enough. */
function compileSelection(selection: Fields | readonly Fields[], path: string, problems: Problem[]): Predicate {
  const isList = Array.isArray(selection);
  const maps = (isList ? selection : [selection]) as readonly Fields[];
  return anyOf(
    maps.map((map, index) => {
      const keys = Object.entries(map);
      const mapPath = isList ? `${path}.${index}` : path;
      if (keys.length === 0) problems.push({ path: mapPath, message: 'must name a field' });
      return allOf(keys.map(([key, value]) => compileOne(key, value, `${mapPath}.${key}`, problems)));
    }),
  );
}

function compileOne(key: string, value: Fields[string], path: string, problems: Problem[]): Predicate {
  try {
    return compileField(key, value);
  } catch (cause) {
    if (!(cause instanceof FieldProblem)) throw cause;
    problems.push({ path, message: `${cause.message}${didYouMean(cause.wrong, cause.known)}` });
    return () => 0;
  }
}

function problemsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): Problem[] {
  const path = [...above, ...issue.path].map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: `is not known${path.length === 0 ? didYouMean(key, RULE_KEYS) : ''}`,
    }));
  if (issue.code === 'invalid_union') {
    // What comes closest says the most: the fewest complaints, and those about what lies deeper.
    const closest = [...issue.errors].sort((a, b) => rank(a) - rank(b))[0];
    if (closest !== undefined) return closest.flatMap((inner) => problemsOf(inner, path));
  }
  return [{ path: path.join('.'), message: messageOf(issue) }];
}

function rank(issues: readonly z.core.$ZodIssue[]): number {
  return issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0) ? 1000 : issues.length;
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${issue.expected === 'object' || issue.expected === 'record' ? 'a map' : `of type ${issue.expected}`}`;
    case 'invalid_value':
      return `must be one of: ${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'array' ? 'must not be empty' : 'is too small or empty';
    case 'too_big':
      return `is beyond ${String(issue.maximum)}`;
    case 'invalid_format':
    case 'custom':
      return issue.message.startsWith('must') ? issue.message : 'is not in the form it must have';
    default:
      return 'is not what it must be';
  }
}

function didYouMean(wrong: string, known: readonly string[]): string {
  const closest = wrong === '' ? null : closestName(wrong, known);
  return closest === null ? '' : `; did you mean ${closest}?`;
}

function sentenceOf({ path, message }: Problem, file: string, lines: ReadonlyMap<string, number>): string {
  let known = path;
  while (known !== '' && !lines.has(known)) known = known.slice(0, Math.max(0, known.lastIndexOf('.')));
  const line = lines.get(known);
  const place = line === undefined ? file : `${file}, line ${line}`;
  const name = path.replace(/\.(\d+)(?=\.|$)/g, '[$1]') || 'the file';
  return `${place}: ${name} ${message}${message.endsWith('?') ? '' : '.'}`;
}

function invalid(sentences: readonly string[]): SqltrailError {
  const shown = sentences.slice(0, MAX_PROBLEMS);
  if (sentences.length > shown.length) shown.push(`And ${sentences.length - shown.length} more.`);
  const message = shown.length === 1 ? shown[0]! : `The rule has mistakes:\n  ${shown.join('\n  ')}`;
  return new SqltrailError('config_invalid', message, 'Correct it; docs/rules.md has every key, field and feature.');
}
