import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientCharset } from '../../../processors/mask/client-charset.ts';
import type { ListFolder } from '../../../processors/mask/list-folder.ts';
import { Masker } from '../../../processors/mask/masker.ts';
import { MaskingPass } from '../../../processors/mask/masking-pass.ts';
import { maskBytes } from './mask-bytes.ts';

const masker = new Masker();
const masked = (sql: string) => maskBytes(masker, sql).masked;
const UTF8 = clientCharset('utf8mb4');

/** A pass that takes every element and row by itself. */
class SlowPass extends MaskingPass {
  constructor() {
    super();
    const folder = (this as unknown as { folder: ListFolder }).folder;
    Object.defineProperty(folder, 'isOfLiterals', { value: false });
    Object.defineProperty(folder, 'isBehindRows', { value: false });
  }
}

const blank = fc.constantFrom('', '', '', ' ', '\n', '  ', '/* x */');
const element = fc.constantFrom(
  ...`1|2.5|'a'|'it\\'s'|'a''b'|NULL|default|TRUE|'é'|"d"|-3|+4|0x41|1e5|.5|?|a|f(1)|(1, 2)|x'41'|_utf8'a'|'a' 'b'|NOW()|'b' c|1 + 2|ROW(1)|'|`.split(
    '|',
  ),
);
const mostlyPlain = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('1', "'a'", 'NULL', "'b c'", '22') },
  { weight: 1, arbitrary: element },
);
const list = (of: fc.Arbitrary<string>, most: number) =>
  fc
    .array(fc.tuple(blank, of, blank), { minLength: 1, maxLength: most })
    .map((all) => `(${all.map((three) => three.join('')).join(',')})`);
const rows = fc
  .array(fc.tuple(blank, list(mostlyPlain, 4), blank), { minLength: 1, maxLength: 8 })
  .map((all) => all.map((three) => three.join('')).join(','));
const statement = fc.oneof(
  rows.map((all) => `INSERT INTO t VALUES ${all}`),
  fc.tuple(rows, rows).map(([a, b]) => `INSERT INTO t VALUES ${a} ON DUPLICATE KEY UPDATE a = VALUES${b}, c = 1`),
  list(mostlyPlain, 30).map((all) => `SELECT a FROM t WHERE b IN ${all} AND c = 1`),
  list(mostlyPlain, 30).map((all) => `SELECT f${all}, '1'`),
  rows.map((all) => `SELECT a FROM t WHERE (a, b) IN (${all})`),
  fc.tuple(list(mostlyPlain, 30), fc.nat(200)).map(([all, cut]) => `SELECT a IN ${all}`.slice(0, cut)),
);

describe('lists of plain literals', () => {
  it('fold as if each element and row were looked at by itself', () => {
    const [fast, slow] = [new MaskingPass(), new SlowPass()];
    fc.assert(
      fc.property(statement, fc.constantFrom(true, false, null), (sql, noBackslashEscapes) => {
        const bytes = Buffer.from(sql);
        const outcome = (pass: MaskingPass) => {
          const isSure = pass.run(bytes, 0, bytes.length, UTF8, noBackslashEscapes, false);
          const { isOutOfPhase, isUnclosed } = pass.lexer;
          return isSure ? { text: textOf(pass), isOutOfPhase, isUnclosed } : null;
        };
        expect(outcome(fast)).toEqual(outcome(slow));
      }),
      { numRuns: Number(process.env['SQLTRAIL_MASKING_RUNS'] ?? 3000) },
    );
  }, 600_000);

  it.each([
    [`SELECT a IN (${'1, '.repeat(20)}b)`, `SELECT a IN (${'?, '.repeat(20)}b)`],
    [`SELECT a IN (${"'x', ".repeat(20)}'O'Brien')`, 'SELECT a IN (?'],
    ["INSERT INTO t VALUES (1,'a'),(2,'b'),(3,'c'),(4,d)", 'INSERT INTO t VALUES (?+)+,(?,d)'],
    ["INSERT INTO t VALUES (1,'a'),(2,'b'),(3,'c'),(4)", 'INSERT INTO t VALUES (?+)+,(?)'],
    ["INSERT INTO t VALUES (1,'a'),(2,'b'),(3,'c') , (4, 'secret", 'INSERT INTO t VALUES (?+'],
  ])('%s is %s', (sql, expected) => {
    expect(masked(sql)).toBe(expected);
  });
});

function textOf({ sink }: MaskingPass): string {
  return Buffer.from(sink.bytes.subarray(0, sink.length)).toString();
}
