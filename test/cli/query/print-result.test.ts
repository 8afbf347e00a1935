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
