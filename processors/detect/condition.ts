/** A condition as a tree over the names of selections. */
export type Condition =
  | { readonly kind: 'selection'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] };

/** What is wrong with a condition, in words that may follow its path. */
export class ConditionProblem extends Error {}

const MAX_DEPTH = 16;

/**
 * Reads `a and (b or not 1 of c_*)`: names of selections, and, or, not, parentheses; `1 of` and `all of` a pattern that may end with
 * `*`, or of `them`. `and` binds closer than `or`.
 *
 * @param names The selections there are.
 * @throws ConditionProblem
 */
export function parseCondition(text: string, names: readonly string[]): Condition {
  const words = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const peek = (): string => words[at]?.toLowerCase() ?? '';

  const either = (depth: number): Condition => {
    const of = [both(depth)];
    while (peek() === 'or') {
      at++;
      of.push(both(depth));
    }
    return of.length === 1 ? of[0]! : { kind: 'or', of };
  };
  const both = (depth: number): Condition => {
    const of = [single(depth)];
    while (peek() === 'and') {
      at++;
      of.push(single(depth));
    }
    return of.length === 1 ? of[0]! : { kind: 'and', of };
  };
  const single = (depth: number): Condition => {
    if (depth > MAX_DEPTH) throw new ConditionProblem('is nested too deeply');
    const word = words[at++];
    if (word === undefined) throw new ConditionProblem('ends where a selection should stand');
    const lower = word.toLowerCase();
    if (lower === 'not') return { kind: 'not', of: single(depth + 1) };
    if (word === '(') {
      const inner = either(depth + 1);
      if (words[at++] !== ')') throw new ConditionProblem('lacks a closing parenthesis');
      return inner;
    }
    if ((lower === '1' || lower === 'all') && peek() === 'of') {
      at++;
      return several(lower === 'all' ? 'and' : 'or', words[at++]);
    }
    if (!names.includes(word))
      throw new ConditionProblem(`names ${/^[\w*]{1,64}$/.test(word) ? word : 'something'}, which is no selection`);
    return { kind: 'selection', name: word };
  };
  const several = (kind: 'and' | 'or', pattern: string | undefined): Condition => {
    const prefix = pattern?.endsWith('*') === true ? pattern.slice(0, -1) : null;
    const of = names
      .filter((name) => pattern === 'them' || name === pattern || (prefix !== null && name.startsWith(prefix)))
      .map((name): Condition => ({ kind: 'selection', name }));
    if (of.length === 0) throw new ConditionProblem('has a pattern that no selection fits');
    return { kind, of };
  };

  const condition = either(0);
  if (at < words.length) throw new ConditionProblem('goes on where it should end');
  return condition;
}

/** Names of the selections in a condition. */
export function selectionsOf(condition: Condition): string[] {
  if (condition.kind === 'selection') return [condition.name];
  return condition.kind === 'not' ? selectionsOf(condition.of) : condition.of.flatMap(selectionsOf);
}
