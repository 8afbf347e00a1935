import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientCharset } from '../../../processors/mask/client-charset.ts';
import { Lexer } from '../../../processors/mask/lexer.ts';
import { Masker } from '../../../processors/mask/masker.ts';
import { T_END } from '../../../processors/mask/token-kinds.ts';
import type { SqlMode } from '../../../schemas/sql-text.ts';
import { maskBytes, UNKNOWN_MODE } from './mask-bytes.ts';

const RUNS = Number(process.env['SQLTRAIL_MASKING_RUNS'] ?? 3000);
const CANARY = 'qzxcanary';
const NUMBER_CANARY = '73185290461';
const HEX_CANARY = '51fa5a3b9c';

interface Truth {
  readonly charset: string;
  readonly noBackslashEscapes: boolean;
  readonly ansiQuotes: boolean;
}

/** Characters whose second byte is a backslash, and others, as each set encodes them. */
const CHARACTERS: Record<string, readonly string[]> = {
  utf8mb4: ['c3a9', 'e8a1a8', 'f09f9880', 'c2a0', 'ff', 'c2'],
  latin1: ['e9', 'a0', 'bf', '80'],
  gbk: ['bf5c', '815c', 'b1ed', 'a1a1', '8160', 'a27d'],
  gb18030: ['bf5c', '81308130', '8160'],
  sjis: ['955c', '835c', 'b1', '8160', '815c'],
  cp932: ['955c', 'fa5c'],
  big5: ['a55c', 'a655', 'a160'],
  euckr: ['b0a1', '8141'],
  cp1251: ['ff', 'a0', 'c0'],
};

const truth: fc.Arbitrary<Truth> = fc.record({
  charset: fc.constantFrom(...Object.keys(CHARACTERS)),
  noBackslashEscapes: fc.boolean(),
  ansiQuotes: fc.boolean(),
});

/** Every piece of bytes that may stand between the quotes without ending the string, in this mode. */
function pieces(mode: Truth, quote: string): fc.Arbitrary<Buffer> {
  const plain = ['a', ' ', ',', '(', ')', '/*', '*/', '-- ', '#', ';', '%', '1', '?', '\n', '$$', '@', '.'];
  const quotes = [quote + quote, quote === "'" ? '"' : "'", '`'];
  const slashes = mode.noBackslashEscapes ? ['\\'] : ['\\\\', "\\'", '\\"', '\\n', '\\%', '\\`'];
  return fc.oneof(
    fc.constantFrom(...plain, ...quotes, ...slashes).map((text) => Buffer.from(text)),
    fc.constantFrom(...CHARACTERS[mode.charset]!).map((hex) => Buffer.from(hex, 'hex')),
  );
}

function quoted(mode: Truth, quote: string): fc.Arbitrary<Buffer> {
  const body = fc.array(pieces(mode, quote), { maxLength: 5 }).map((parts) => Buffer.concat(parts));
  return fc
    .tuple(body, body)
    .filter(([before, after]) => isClosed(mode, before) && isClosed(mode, after))
    .map(([before, after]) =>
      Buffer.concat([Buffer.from(quote), before, Buffer.from(CANARY), after, Buffer.from(quote)]),
    );
}

/** A lead byte or lone high byte at the end of a part would join with what follows; such parts are left out. */
function isClosed(mode: Truth, part: Buffer): boolean {
  return (
    mode.charset === 'utf8mb4' ||
    mode.charset === 'latin1' ||
    mode.charset === 'cp1251' ||
    part.length < 3 ||
    (part.at(-1) ?? 0) < 0x80
  );
}

function literal(mode: Truth): fc.Arbitrary<Buffer> {
  const text = (form: string) => fc.constant(Buffer.from(form));
  const string = mode.ansiQuotes ? quoted(mode, "'") : fc.oneof(quoted(mode, "'"), quoted(mode, '"'));
  const prefixed = fc
    .tuple(
      fc.constantFrom('N', 'n', '_utf8mb4', '_binary ', '_unknown ', 'DATE', 'TIMESTAMP ', '{d '),
      quoted(mode, "'"),
    )
    .map(([prefix, value]) => Buffer.concat([Buffer.from(prefix), value, Buffer.from(prefix === '{d ' ? '}' : '')]));
  const adjacent = fc
    .tuple(string, fc.constantFrom(' ', '\n', ' /* x */ '), string)
    .map(([a, gap, b]) => Buffer.concat([a, Buffer.from(gap), b]));
  return fc.oneof(
    string,
    prefixed,
    adjacent,
    text(NUMBER_CANARY),
    text(`-${NUMBER_CANARY}`),
    text(`.${NUMBER_CANARY}`),
    text(`${NUMBER_CANARY}.5e10`),
    text(`1.${NUMBER_CANARY}`),
    text(`${NUMBER_CANARY}e5abc`),
    text(`1e${NUMBER_CANARY}`),
    text(`0x${HEX_CANARY}`),
    text(`0X${HEX_CANARY}`),
    text(`X'${HEX_CANARY}'`),
    text(`x'${HEX_CANARY} zz'`),
    text(`b'01${NUMBER_CANARY}'`),
    text(`$$ ${CANARY} $$`),
    text(`$tag$ it's ${CANARY} $tag$`),
  );
}

/** Positions of the grammar; each `¿` takes a literal. */
const TEMPLATES = [
  'SELECT ¿',
  'SELECT ¿,¿ FROM t WHERE a=¿AND b>¿ OR c',
  'SELECT * FROM t WHERE a IN (¿, ¿ ,NULL) AND f(¿)=¿ LIMIT ¿',
  'SELECT * FROM t WHERE (a,b) IN ((¿,¿),(¿,¿))',
  'INSERT INTO t (a,b) VALUES (¿,DEFAULT),(¿, NOW()) ON DUPLICATE KEY UPDATE a=VALUES(a)+¿',
  'UPDATE `t` SET a=¿, b = CONCAT(¿,¿) WHERE id=¿ -- qzxcanary\n AND x',
  'SELECT/*! ¿, */ 1 /* qzxcanary */, ¿',
  'SELECT /*!50000 ¿*/ , /*+ SET_VAR(a=¿) */ ¿ # qzxcanary',
  'CALL p(¿, ¿); SELECT ¿; DROP TABLE t',
  'SET @a = ¿, @b := ¿, SESSION x = ¿',
  'CREATE USER u IDENTIFIED BY ¿',
  'ALTER USER u IDENTIFIED WITH plugin AS ¿',
  'CREATE TABLE t (a INT DEFAULT ¿ COMMENT ¿, e ENUM(¿,¿)) CONNECTION=¿',
  'LOAD DATA INFILE ¿ INTO TABLE t FIELDS TERMINATED BY ¿',
  'SELECT a ¿, `x`¿ FROM t AS ¿ ORDER BY ¿',
  'PREPARE s FROM ¿',
];

function statement(mode: Truth): fc.Arbitrary<Buffer> {
  return fc.constantFrom(...TEMPLATES).chain((template) => {
    const parts = template.split('¿');
    return fc
      .array(literal(mode), { minLength: parts.length - 1, maxLength: parts.length - 1 })
      .map((literals) =>
        Buffer.concat(parts.flatMap((part, n) => [Buffer.from(part), literals[n] ?? Buffer.alloc(0)])),
      );
  });
}

const statementAndMode = truth.chain((mode) => fc.tuple(fc.constant(mode), statement(mode)));

function expectNoCanary(masked: string, source: Buffer): void {
  const lower = masked.toLowerCase();
  for (const canary of [CANARY, NUMBER_CANARY, HEX_CANARY]) {
    if (lower.includes(canary)) expect.fail(`${canary} in ${JSON.stringify(masked)} of ${source.toString('hex')}`);
  }
}

/** What a mode becomes for a text that is UTF-8 now. */
function afterwards(mode: SqlMode): SqlMode {
  return { ...mode, charset: 'utf8mb4' };
}

const anyMode: fc.Arbitrary<SqlMode> = fc.record({
  charset: fc.constantFrom('', 'ucs2', ...Object.keys(CHARACTERS)),
  noBackslashEscapes: fc.constantFrom(true, false, null),
  ansiQuotes: fc.constantFrom(true, false, null),
});

describe('masking any statement', () => {
  const masker = new Masker();

  it('shows no literal of it, when the mode is known', () => {
    fc.assert(
      fc.property(statementAndMode, ([mode, sql]) => expectNoCanary(maskBytes(masker, sql, mode).masked, sql)),
      { numRuns: RUNS },
    );
  });

  it('shows no literal of it, when nothing of the mode or only a part is known', () => {
    fc.assert(
      fc.property(statementAndMode, fc.nat(7), ([mode, sql], known) => {
        const seen: SqlMode = {
          charset: known & 1 ? mode.charset : '',
          noBackslashEscapes: known & 2 ? mode.noBackslashEscapes : null,
          ansiQuotes: known & 4 ? mode.ansiQuotes : null,
        };
        expectNoCanary(maskBytes(masker, sql, seen).masked, sql);
      }),
      { numRuns: RUNS },
    );
  });

  it('shows no literal of it, wherever it is cut off', () => {
    fc.assert(
      fc.property(statementAndMode, fc.nat(), ([mode, sql], cut) => {
        const part = sql.subarray(0, cut % (sql.length + 1));
        const masked = maskBytes(masker, part, mode, 'tail').masked.toLowerCase();
        // The first letters of a canary are enough to betray it.
        expect(masked).not.toMatch(/qzxca|731852|51fa5a/);
      }),
      { numRuns: RUNS },
    );
  });

  it('is the same when it is done twice', () => {
    fc.assert(
      fc.property(statementAndMode, ([mode, sql]) => {
        const { masked } = maskBytes(masker, sql, mode);
        expect(maskBytes(masker, masked, afterwards(mode)).masked).toBe(masked);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('masking any bytes', () => {
  const masker = new Masker();
  const alphabet = [
    ...'\'"`\\/*!+-#$@.,()?=_xNeE0159 \n\0;[]',
    'SELECT',
    'VALUES',
    'IN',
    'NULL',
    '/*!50000',
    '*/',
    '/*',
    '--',
    '$$',
  ];
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(...alphabet).map((text) => Buffer.from(text)),
          fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
        ),
        {
          maxLength: 30,
        },
      )
      .map((parts) => Buffer.concat(parts)),
  );

  it('never throws, gives well-formed text without control characters, and is the same when done twice', () => {
    fc.assert(
      fc.property(noise, anyMode, (bytes, mode) => {
        const { masked } = maskBytes(masker, bytes, mode);
        expect(masked).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        expect(maskBytes(masker, masked, afterwards(mode)).masked).toBe(masked);
      }),
      { numRuns: RUNS * 3 },
    );
  });

  // Found by the property above.
  it.each<[string, SqlMode]>([
    ['31395a35d078313527', { charset: 'ujis', noBackslashEscapes: false, ansiQuotes: true }],
    ['ff39862a2f3d2a2f', { charset: 'latin1', noBackslashEscapes: true, ansiQuotes: null }],
    ['ff24242f2a213530303030272cec', { charset: 'latin1', noBackslashEscapes: null, ansiQuotes: false }],
    ['395f75746638bf5f7574663839c22a5f757466385f', { charset: 'cp1251', noBackslashEscapes: null, ansiQuotes: false }],
  ])('is the same when done twice: %s', (hex, mode) => {
    const { masked } = maskBytes(masker, Buffer.from(hex, 'hex'), mode);
    expect(maskBytes(masker, masked, afterwards(mode)).masked).toBe(masked);
  });

  it('hides at least what every single reading hides that makes sense of all quotes, when the mode is unknown', () => {
    const lexer = new Lexer();
    fc.assert(
      fc.property(statementAndMode, ([mode, sql]) => {
        lexer.begin(sql, 0, sql.length, clientCharset(mode.charset), mode.noBackslashEscapes, mode.ansiQuotes);
        while (lexer.next() !== T_END);
        fc.pre(!lexer.isOutOfPhase);
        const words = (text: string) => new Set(text.match(/(?<!\w)[a-z]{4,}/gi) ?? []);
        const known = words(maskBytes(masker, sql, mode).masked);
        for (const word of words(maskBytes(masker, sql, UNKNOWN_MODE).masked)) expect(known).toContain(word);
      }),
      { numRuns: RUNS },
    );
  });
});
