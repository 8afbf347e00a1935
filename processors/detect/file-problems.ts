import type { z } from 'zod';
import { closestName } from '../../runtime/closest-name.ts';
import { SqltrailError } from '../../runtime/errors.ts';

/** What is wrong at one place of a file. The message is the end of a sentence that begins with the path. */
export interface FileProblem {
  /** With dots; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** More of them at once help nobody. */
const MAX_PROBLEMS = 10;

/** What zod says against a file, in words. @param keys Those of the file's top level. */
export function problemsOf(
  issue: z.core.$ZodIssue,
  above: readonly PropertyKey[],
  keys: readonly string[],
): FileProblem[] {
  const path = [...above, ...issue.path].map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: `is not known${path.length === 0 ? didYouMean(key, keys) : ''}`,
    }));
  if (issue.code === 'invalid_union') {
    // What comes closest says the most: the fewest complaints, and those about what lies deeper.
    const closest = [...issue.errors].sort((a, b) => rank(a) - rank(b))[0];
    if (closest !== undefined) return closest.flatMap((inner) => problemsOf(inner, path, keys));
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

export function didYouMean(wrong: string, known: readonly string[]): string {
  const closest = wrong === '' ? null : closestName(wrong, known);
  return closest === null ? '' : `; did you mean ${closest}?`;
}

/** The problem with its place: `FILE, line N: path …`. */
export function problemSentence(
  { path, message }: FileProblem,
  file: string,
  lines: ReadonlyMap<string, number>,
): string {
  let known = path;
  while (known !== '' && !lines.has(known)) known = known.slice(0, Math.max(0, known.lastIndexOf('.')));
  const line = lines.get(known);
  const place = line === undefined ? file : `${file}, line ${line}`;
  const name = path.replace(/\.(\d+)(?=\.|$)/g, '[$1]') || 'the file';
  return `${place}: ${name} ${message}${message.endsWith('?') ? '' : '.'}`;
}

/** @param what `rule` or `file`. */
export function invalidFile(what: string, sentences: readonly string[]): SqltrailError {
  const shown = sentences.slice(0, MAX_PROBLEMS);
  if (sentences.length > shown.length) shown.push(`And ${sentences.length - shown.length} more.`);
  const message = shown.length === 1 ? shown[0]! : `The ${what} has mistakes:\n  ${shown.join('\n  ')}`;
  return new SqltrailError('config_invalid', message, 'Correct it; docs/rules.md has every key.');
}
