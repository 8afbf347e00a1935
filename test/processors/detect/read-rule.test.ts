import { describe, expect, it } from 'vitest';
import { readRule } from '../../../processors/detect/read-rule.ts';
import { RuleSet } from '../../../processors/detect/rule-set.ts';
import { SampleEvents } from '../../../processors/detect/sample-event.ts';
import { SqltrailError } from '../../../runtime/errors.ts';

const events = new SampleEvents();

/** A rule file with this detection, and whatever else. */
function text(detection: string, more = ''): string {
  return `title: A title
id: test.rule
status: test
level: medium
${more}description: What it is.
logsource: {category: database, product: mysql}
signal: statement
detection:
${detection.replace(/^/gm, '  ')}
samples: {matching: [SELECT 1], not_matching: [SELECT 2]}
`;
}

/** Whether a rule with this detection matches a sample. */
function matches(detection: string, sample: Parameters<SampleEvents['event']>[0]): boolean {
  return new RuleSet([readRule(text(detection), 'rule.yml')]).judge(events.event(sample)).ruleIds.length > 0;
}

function problem(source: string): string {
  try {
    readRule(source, 'rule.yml');
  } catch (error) {
    if (error instanceof SqltrailError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('a rule file', () => {
  it.each([
    [
      'a key that is not known',
      text('a: {command: query}\ncondition: a', 'lvel: low\n'),
      /line 5: lvel is not known; did you mean level\?/,
    ],
    [
      'a field that is not known',
      text('a: {user_nam: x}\ncondition: a'),
      /line 9: detection\.a\.user_nam is no field; did you mean user_name\?/,
    ],
    [
      'a feature that is not known',
      text('a: {features: tautologi}\ncondition: a'),
      /line 9: .*unknown feature; did you mean tautology\?/,
    ],
    ['a modifier that is not known', text('a: {user_name|matches: x}\ncondition: a'), /knows no such modifier/],
    ['a number where text belongs', text('a: {user_name: 3}\ncondition: a'), /must be text: put it in quotes/],
    ['a wildcard', text('a: {user_name: "adm*"}\ncondition: a'), /there are no wildcards/],
    ['text where a number belongs', text('a: {error_code: "1064"}\ncondition: a'), /must be a number/],
    [
      'a selection that does not exist',
      text('a: {command: query}\ncondition: a or b'),
      /line 10: detection\.condition names b, which is no selection/,
    ],
    [
      'a selection that nothing uses',
      text('a: {command: query}\nb: {command: ping}\ncondition: a'),
      /line 10: detection\.b is in no condition/,
    ],
    ['a parenthesis that is not closed', text('a: {command: query}\ncondition: (a'), /lacks a closing parenthesis/],
    ['a condition that goes on', text('a: {command: query}\ncondition: a a'), /goes on where it should end/],
    ['no condition and no query', text('a: {command: query}'), /must have a condition, or name a scheduled query/],
    [
      'two levels of a kind',
      text('a: {command: query}\ncondition: a', 'escalate: {high: z}\n'),
      /escalate\.high names z/,
    ],
    [
      'a bad id',
      text('a: {command: query}\ncondition: a').replace('test.rule', 'Test'),
      /line 2: id must be area\.name/,
    ],
    ['no YAML', 'title: [', /rule\.yml/],
    ['a list', '- a', /must be a map/],
  ])('with %s is refused with its place', (_, source, message) => {
    expect(problem(source)).toMatch(message);
    expect(problem(source)).toMatch(/^config_invalid/);
  });

  it('without samples is refused, unless it is a query alone', () => {
    const bare = text('a: {command: query}\ncondition: a').replace(/^samples.*\n/m, '');
    expect(problem(bare)).toMatch(/samples must give examples/);
    const scheduled = text('scheduled: some-query')
      .replace(/^samples.*\n/m, '')
      .replace('signal: statement', 'signal: scheduled');
    expect(problem(scheduled)).toBe('none');
    expect(readRule(scheduled, 'rule.yml').rule.scheduled).toBe('some-query');
  });
});

describe('a detection', () => {
  it.each([
    ['equality whatever the case', 'a: {user_name: ROOT}\ncondition: a', { sql: 'SELECT 1', user_name: 'root' }, true],
    ['any of a list', 'a: {user_name: [x, root]}\ncondition: a', { sql: 'SELECT 1', user_name: 'root' }, true],
    ['all of a list', 'a: {statement_masked|contains|all: [from, where]}\ncondition: a', 'SELECT a FROM t', false],
    [
      'startswith',
      'a: {client_program|startswith: my}\ncondition: a',
      { sql: 'SELECT 1', client_program: 'mysqldump' },
      true,
    ],
    [
      'endswith',
      'a: {client_program|endswith: my}\ncondition: a',
      { sql: 'SELECT 1', client_program: 'mysqldump' },
      false,
    ],
    ['a table of several', 'a: {tables: staff}\ncondition: a', 'SELECT a FROM books JOIN staff', true],
    ['gte', 'a: {returned_rows|gte: 10}\ncondition: a', { sql: 'SELECT 1', returned_rows: 10 }, true],
    ['gt', 'a: {returned_rows|gt: 10}\ncondition: a', { sql: 'SELECT 1', returned_rows: 10 }, false],
    [
      'lt and lte',
      'a: {returned_rows|lt: 10, duration_us|lte: 5}\ncondition: a',
      { sql: 'SELECT 1', returned_rows: 9, duration_us: 5 },
      true,
    ],
    ['a flag', 'a: {is_tls: true}\ncondition: a', { sql: 'SELECT 1', is_tls: true }, true],
    [
      'all fields of a map',
      'a: {user_name: x, error_code: 5}\ncondition: a',
      { sql: 'SELECT 1', user_name: 'x' },
      false,
    ],
    [
      'one map of a list',
      'a: [{user_name: x}, {error_code: 5}]\ncondition: a',
      { sql: 'SELECT 1', error_code: 5 },
      true,
    ],
    ['not', 'a: {user_name: x}\ncondition: not a', { sql: 'SELECT 1', user_name: 'y' }, true],
    [
      'and before or',
      'a: {user_name: x}\nb: {user_name: y}\nc: {user_name: x}\ncondition: a or b and c',
      { sql: 'SELECT 1', user_name: 'x' },
      true,
    ],
    [
      'parentheses',
      'a: {user_name: x}\nb: {user_name: x}\nc: {user_name: y}\ncondition: (a or b) and c',
      { sql: 'SELECT 1', user_name: 'x' },
      false,
    ],
    [
      '1 of a pattern',
      'a_1: {user_name: x}\na_2: {user_name: y}\ncondition: 1 of a_*',
      { sql: 'SELECT 1', user_name: 'y' },
      true,
    ],
    [
      'all of them',
      'a_1: {user_name: x}\na_2: {user_name: y}\ncondition: all of them',
      { sql: 'SELECT 1', user_name: 'y' },
      false,
    ],
    [
      'features and fields together',
      'a: {features: unbounded_delete, affected_rows|gt: 3}\ncondition: a',
      { sql: 'DELETE FROM t', affected_rows: 4 },
      true,
    ],
    ['a field of a statement where there is none', 'a: {tables: t}\ncondition: a', { command: 'ping' }, false],
  ])('knows %s', (_, detection, sample, expected) => {
    expect(matches(detection, sample)).toBe(expected);
  });
});

describe('levels', () => {
  const rule = readRule(
    text(
      'a: {features: unbounded_delete}\nmany: {affected_rows|gt: 100}\nall: {affected_rows|gt: 1000}\ncondition: a',
      'escalate: {critical: all, high: many}\n',
    ),
    'rule.yml',
  );
  const rules = new RuleSet([rule]);

  it.each([
    [1, 'medium'],
    [500, 'high'],
    [5000, 'critical'],
    [1, 'medium'],
  ])('are the worst that holds: %d rows are %s', (rows, level) => {
    const verdict = rules.judge(events.event({ sql: 'DELETE FROM t', affected_rows: rows }));
    expect(verdict.riskLevel).toBe(level);
    expect(verdict.matches.map((match) => match.level)).toEqual([level]);
  });
});
