import type { z } from 'zod';
import { closestName } from '../../runtime/closest-name.ts';
import type { ConfigField } from './config-fields.ts';
import type { ConfigProblem } from './config-layers.ts';

type Issue = z.core.$ZodIssue;

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text (a number or a word like true needs quotes to be one)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, as [a, b]',
  object: 'a section with keys of its own',
};

/** What the schema says against a configuration, in words, without a value of it: one might be a password in a wrong place. */
export function schemaProblems(issues: readonly Issue[], fields: readonly ConfigField[]): ConfigProblem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, fields));
    return [{ path: path.join('.'), message: messageOf(issue) }];
  });
}

function messageOf(issue: Exclude<Issue, { code: 'unrecognized_keys' }>): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${EXPECTED[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of: ${issue.values.join(', ')}`;
    case 'invalid_union':
      return 'options' in issue ? `must be one of: ${issue.options.join(', ')}` : 'is not what it must be';
    case 'too_small':
      return boundOf(issue.origin, issue.inclusive === false ? 'more than' : 'at least', Number(issue.minimum));
    case 'too_big':
      return boundOf(issue.origin, issue.inclusive === false ? 'less than' : 'at most', Number(issue.maximum));
    case 'invalid_format':
    case 'custom':
      return issue.message;
    default:
      return 'is not what it must be';
  }
}

function boundOf(origin: string, bound: string, limit: number): string {
  if (origin === 'string') return limit === 1 ? 'must not be empty' : `must have ${bound} ${limit} characters`;
  if (origin === 'array') return `must have ${bound} ${limit} ${limit === 1 ? 'item' : 'items'}`;
  return `must be ${bound} ${limit}`;
}

function unknownKey(section: readonly string[], key: string, fields: readonly ConfigField[]): ConfigProblem {
  const path = [...section, key].join('.');
  // What is no name may be a value that lost its key.
  if (!/^[\w-]{1,64}$/.test(key)) return { path: section.join('.'), message: 'holds a key that is not known' };
  const prefix = section.map((part) => `${part}.`).join('');
  const siblings = new Set<string>();
  for (const field of fields) {
    if (field.path.startsWith(prefix)) siblings.add(field.path.slice(prefix.length).split('.')[0]!);
  }
  const closest = closestName(key, siblings);
  const elsewhere = fields.find((field) => field.path.endsWith(`.${key}`))?.path;
  const meant = closest === null ? elsewhere : `${prefix}${closest}`;
  return { path, message: `is not known${meant === undefined ? '' : `; did you mean ${meant}?`}` };
}
