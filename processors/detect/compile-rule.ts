import { compileField, FieldProblem } from './compile-field.ts';
import { type CompiledRule, type Escalation, worstFirst } from './compiled-rule.ts';
import { type Condition, ConditionProblem, parseCondition, selectionsOf } from './condition.ts';
import { didYouMean, type FileProblem } from './file-problems.ts';
import { allOf, anyOf, type Predicate, predicateOf } from './predicate.ts';
import type { Rule, RuleLevel } from './rule.ts';
import type { RuleFile } from './rule-schema.ts';

type Fields = Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>;

/**
 * A rule as it stands in its file, ready to be asked.
 *
 * @param file Its name.
 * @param problems Takes what is wrong with its detection; then the rule must not be used.
 */
export function compileRule(data: RuleFile, file: string, problems: FileProblem[]): CompiledRule {
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
  problems: FileProblem[],
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
function compileSelection(selection: Fields | readonly Fields[], path: string, problems: FileProblem[]): Predicate {
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

function compileOne(key: string, value: Fields[string], path: string, problems: FileProblem[]): Predicate {
  try {
    return compileField(key, value);
  } catch (cause) {
    if (!(cause instanceof FieldProblem)) throw cause;
    problems.push({ path, message: `${cause.message}${didYouMean(cause.wrong, cause.known)}` });
    return () => 0;
  }
}
