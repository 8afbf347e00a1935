import { describe, expect, it } from 'vitest';
import { printResult, type QueryFormat, type QueryRunner } from '../../../cli/query/print-result.ts';

const NAMES = JSON.stringify(['name', 'n']);
const TYPES = JSON.stringify(['String', 'UInt64']);

/** Answers with the given rows, each in a batch of its own. */
function runner(rows: readonly [string, string][]): QueryRunner {
  return {
    query: async (_sql, _parameters, format) =>
      (async function* batches() {
        if (format !== 'JSONEachRow') yield [NAMES, TYPES];
        for (const [name, n] of rows)
          yield [format === 'JSONEachRow' ? `{"name":${JSON.stringify(name)},"n":${n}}` : JSON.stringify([name, n])];
      })(),
  };
}

async function print(format: QueryFormat, rows: readonly [string, string][]): Promise<{ text: string; count: number }> {
  let text = '';
  const count = await printResult(runner(rows), 'SELECT', {}, format, 80, async (piece) => {
    text += piece;
  });
  return { text, count };
}

describe('printResult', () => {
  const rows: [string, string][] = [
    ['a', '1'],
    ['with "quotes", commas\nand lines', '18446744073709551615'],
  ];

  it('prints json as one array whose numbers are those of the engine', async () => {
    const { text, count } = await print('json', rows);
    expect(count).toBe(2);
    expect(text).toContain('18446744073709551615');
    expect(JSON.parse(text)).toHaveLength(2);
  });

  it('prints ndjson as one object per line', async () => {
    const { text } = await print('ndjson', rows);
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).name),
    ).toEqual(rows.map(([name]) => name));
  });

  it('prints csv with a header, quoted where needed, ended by CR LF', async () => {
    const { text, count } = await print('csv', rows);
    expect(count).toBe(2);
    expect(text).toBe('name,n\r\na,1\r\n"with ""quotes"", commas\nand lines",18446744073709551615\r\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['a=1', 'a=1'],
    ['', ''],
    ["'=1", "'=1"],
  ])('prints the csv text %j so that no spreadsheet takes it for a formula', async (name, cell) => {
    expect((await print('csv', [[name, '1']])).text).toBe(`name,n\r\n${cell},1\r\n`);
  });

  it('prints negative numbers in csv as numbers', async () => {
    expect((await print('csv', [['a', '-1']])).text).toBe('name,n\r\na,-1\r\n');
  });

  it.each(['table', 'json', 'ndjson'] as const)(
    'prints text that looks like a formula as it is in %s',
    async (format) => {
      expect((await print(format, [['=1+1', '1']])).text).not.toContain("'=1+1");
    },
  );

  it('prints a table of one line per row', async () => {
    const { text, count } = await print('table', rows);
    expect(count).toBe(2);
    expect(text.split('\n')).toHaveLength(5);
  });

  it('prints every row of a long table', async () => {
    const many = Array.from({ length: 2500 }, (_, i): [string, string] => [`row ${i}`, String(i)]);
    const { text, count } = await print('table', many);
    expect(count).toBe(2500);
    expect(text.trimEnd().split('\n')).toHaveLength(2502);
  });

  it.each([
    ['json', '[]\n'],
    ['ndjson', ''],
    ['csv', 'name,n\r\n'],
    ['table', ''],
  ] as const)('prints no rows as %s', async (format, text) => {
    expect(await print(format, [])).toEqual({ text, count: 0 });
  });
});
