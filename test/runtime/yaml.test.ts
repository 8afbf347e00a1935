import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml, YamlProblem, yamlValue } from '../../runtime/yaml.ts';

function problemOf(text: string): YamlProblem {
  try {
    parseYaml(text);
  } catch (error) {
    if (error instanceof YamlProblem) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a YAML file', () => {
  it('is plain values, with the line of each', () => {
    const { value, lines } = parseYaml('kafka:\n  brokers:\n    - a:1\n    - b:2\nlog: {level: info} # why\n');
    expect(JSON.parse(JSON.stringify(value))).toEqual({ kafka: { brokers: ['a:1', 'b:2'] }, log: { level: 'info' } });
    expect(Object.fromEntries(lines)).toEqual({
      kafka: 1,
      'kafka.brokers': 2,
      'kafka.brokers.0': 3,
      'kafka.brokers.1': 4,
      log: 5,
      'log.level': 5,
    });
  });

  it('holds nothing where it is empty or only comments', () => {
    expect(parseYaml('').value).toBeNull();
    expect(parseYaml('# kafka:\n').value).toBeNull();
  });

  it('takes yes, no and dates for text, as YAML 1.2 does', () => {
    expect({ ...(parseYaml('%YAML 1.1\n---\na: yes\nb: no\nc: 2026-01-31\n').value as object) }).toEqual({
      a: 'yes',
      b: 'no',
      c: '2026-01-31',
    });
  });

  it.each([
    ['an alias', 'a: &x [1]\nb: *x', 2, 'quotes'],
    ['a password that begins like an alias', 'a: *hunter2', 1, 'quotes'],
    ['a password that begins like a tag', 'a: !hunter2', 1, 'quotes'],
    ['a tag that makes bytes', 'a: !!binary aGk=', 1, 'quotes'],
    ['a password that begins with %', 'x: 1\na: %hunter2', 2, 'quotes'],
    ['a key without its blank', 'password:hunter2\nb: c', 1, 'colon'],
    ['a key given twice', 'a: 1\nb: 2\na: hunter2', 3, 'twice'],
    ['a key that is a list', '? [hunter2]\n: b', 1, 'not text'],
    ['a key that is a number', '1: b', 1, 'not text'],
    ['a tab as indentation', 'a:\n\tb: hunter2', 2, 'blanks'],
    ['a second document', '--- 1\n--- hunter2', 2, 'second'],
    ['an open bracket', 'a: [hunter2', 1, 'missing'],
    ['an open quote', 'a: "hunter2', 1, 'missing'],
  ])('with %s is refused by its line, without a word of it', (_, text, line, word) => {
    const problem = problemOf(text);
    expect(problem.line).toBe(line);
    expect(problem.message).toContain(word);
    expect(problem.message).not.toContain('hunter2');
  });

  it.each([
    ['brackets', '['.repeat(60_000)],
    ['maps', '{a: '.repeat(16_000)],
    ['list items in a row', '- '.repeat(30_000)],
    ['questions in a row', '? '.repeat(30_000)],
    ['indentation', Array.from({ length: 350 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['list items by lines', Array.from({ length: 60 }, (_, i) => ' '.repeat(i * 32) + '- '.repeat(16)).join('\n')],
  ])('nested too deeply with %s is refused', (_, text) => {
    expect(problemOf(text).message).toContain('nested too deeply');
  });

  it('that is too large is refused unread', () => {
    expect(problemOf('a'.repeat(64 * 1024 + 1)).message).toContain('64 KiB');
  });

  it('makes an own key of __proto__ and of a merge key, which then is unknown', () => {
    const { value } = parseYaml('__proto__: {polluted: 1}\n<<: {a: 1}\n');
    expect(Object.keys(value as object)).toEqual(['__proto__', '<<']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('of any characters is values or a problem, never another error', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '&x ',
      '*x',
      '!t ',
      '"',
      "'",
      '|\n',
      '#',
      '? ',
      '%',
      '<<',
      '---\n',
      '\t',
      '\u0000',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
        ),
        (text) => {
          try {
            expect(parseYaml(text).lines).toBeInstanceOf(Map);
          } catch (error) {
            expect(error).toBeInstanceOf(YamlProblem);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('a value in YAML', () => {
  it('is read back as the same', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.boolean(), fc.integer(), fc.array(fc.string()));
    fc.assert(
      fc.property(value, (original) => {
        const { a } = parseYaml(`a: ${yamlValue(original)}`).value as { a: unknown };
        expect(a).toEqual(original);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['true', 'null', '1.5', '~', '0x10', 'a: b', '-', 'a#b', '', '127.0.0.1'])(
    'has quotes where %j would be something else',
    (text) => {
      expect(parseYaml(`a: ${yamlValue(text)}`).value).toEqual(Object.assign(Object.create(null), { a: text }));
    },
  );

  it('shows no control character', () => {
    expect(yamlValue('\u001b[31m\u009b\u2028')).toBe('"\\u001b[31m\\u009b\\u2028"');
  });
});
