import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeaturePass } from '../../../../processors/detect/features/feature-pass.ts';
import { FeatureReader } from '../../../../processors/detect/features/feature-reader.ts';
import { clientCharset } from '../../../../processors/mask/client-charset.ts';
import { Masker } from '../../../../processors/mask/masker.ts';
import { SqlText } from '../../../../schemas/sql-text.ts';

const pass = new FeaturePass();

function features(sql: string | Buffer, charset = 'utf8mb4', noBackslashEscapes = false, ansiQuotes = false): string[] {
  const bytes = Buffer.from(sql as string);
  return pass.run(bytes, 0, bytes.length, clientCharset(charset), noBackslashEscapes, ansiQuotes).names();
}

describe('features of a statement', () => {
  it.each([
    ['case', 'SELECT a FROM t WHERE b=1 oR 5=5'],
    ['blanks', 'SELECT a FROM t WHERE b=1\tOR\n5 \r\n= 5'],
    ['comments', 'SELECT a FROM t WHERE b=1/**/OR/*x*/5/**/=/**/5'],
    ['line comments', 'SELECT a FROM t WHERE b=1 OR -- x\n5=5'],
    ['versioned comments', 'SELECT a FROM t WHERE b=1 /*!50000OR*/ 5=5'],
    ['parentheses', 'SELECT a FROM t WHERE (b=1) OR (((5)=(5)))'],
    ['signs', 'SELECT a FROM t WHERE b=1 || 5=5'],
    ['scientific numbers', 'SELECT a FROM t WHERE b=1 OR 5e0=0.5e1'],
    ['hexadecimal', 'SELECT a FROM t WHERE b=1 OR 0x35=0x35'],
    ['negation', 'SELECT a FROM t WHERE b=1 OR NOT 5=6'],
    ['XOR', 'SELECT a FROM t WHERE b=1 XOR 5=6'],
    ['LIKE', "SELECT a FROM t WHERE b=1 OR 'k' LIKE 'k'"],
    ['BETWEEN', 'SELECT a FROM t WHERE b=1 OR 5 BETWEEN 4 AND 6'],
    ['IN', 'SELECT a FROM t WHERE b=1 OR 5 IN (5)'],
    ['REGEXP', "SELECT a FROM t WHERE b=1 OR 'k' REGEXP '^k'"],
    ['DIV', 'SELECT a FROM t WHERE b=1 OR 10 DIV 2 = 5'],
    ['the spaceship', 'SELECT a FROM t WHERE b=1 OR 5<=>5'],
    ['functions of constants', "SELECT a FROM t WHERE b=1 OR ASCII('k')=107"],
    ['TRUE', 'SELECT a FROM t WHERE b=1 OR TRUE'],
    ['a common table', 'WITH q AS (SELECT 1) SELECT a FROM t WHERE b=1 OR 5=5'],
  ])('find a tautology in spite of %s', (_, sql) => {
    expect(features(sql)).toContain('tautology');
  });

  it.each([
    [
      'GBK, where a lead byte takes the backslash',
      'gbk',
      Buffer.from([...Buffer.from("SELECT a FROM t WHERE b='\xbf", 'latin1'), 0x5c, ...Buffer.from("' OR 5=5 -- '")]),
      true,
    ],
    [
      'latin1, where it does not',
      'latin1',
      Buffer.from([...Buffer.from("SELECT a FROM t WHERE b='\xbf", 'latin1'), 0x5c, ...Buffer.from("' OR 5=5 -- '")]),
      false,
    ],
  ])('read the bytes as the server does: %s', (_, charset, sql, expected) => {
    expect(features(sql, charset).includes('tautology')).toBe(expected);
  });

  it('read backslashes and double quotes as the mode has them', () => {
    const sql = "SELECT a FROM t WHERE b='\\' OR 5=5 -- '";
    expect(features(sql, 'utf8mb4', true)).toContain('tautology');
    expect(features(sql, 'utf8mb4', false)).not.toContain('tautology');
    expect(features('SELECT a FROM t WHERE b=1 OR "c"="d"', 'utf8mb4', false, true)).not.toContain('tautology');
    expect(features('SELECT a FROM t WHERE b=1 OR "c"="d"')).toContain('tautology');
  });

  it('take double quotes for names where the text is written so', () => {
    expect(features('SELECT "x"."a" FROM "t" "x" WHERE "x"."b" = 1 OR "c" = "d"')).toEqual(['has_where']);
    expect(features('SELECT "a" FROM "t" WHERE "b" = \'x\' AND "c" = 5')).toEqual(['has_where']);
    expect(features('SELECT TRIM(BOTH "x" FROM "y") FROM t WHERE b = "" OR "c" = "c"')).toContain('tautology');
    expect(features('SELECT a FROM t WHERE b = "" OR "c" = "c" /*!99999 FROM "x" */')).toContain('tautology');
  });

  it('are found behind any number of tokens', () => {
    const list = `${'1234567,'.repeat(200_000)}1`;
    expect(features(`SELECT a FROM t WHERE b IN (${list}) OR 5=5`)).toContain('tautology');
    expect(features(`INSERT INTO t VALUES ${"(1,'x',NULL),".repeat(50_000)}(1,'x' OR SLEEP(5),2)`)).toContain(
      'time_in_condition',
    );
    expect(features(`SELECT ${'a.b+'.repeat(60_000)}1 FROM t WHERE c=2 OR 5=5`)).toContain('tautology');
  });

  it('look into statements given as text', () => {
    expect(features("PREPARE s FROM 'SELECT a FROM t WHERE b=1 OR 5=5'")).toContain('inner_attack');
    expect(features('SET @a = 0x53454c4543542061')).toContain('hex_sql');
    expect(features("EXECUTE IMMEDIATE CONCAT('SELECT a FROM t WHERE b=1 ', 'UNION SELECT USER()')")).toContain(
      'inner_attack',
    );
    expect(features("SET @a = 'SELECT a FROM t WHERE b = ?'")).toEqual(['has_where']);
    expect(features("PREPARE s FROM 'GRANT ALL ON *.* TO x'")).toEqual(['prepare_from_text', 'grant_admin']);
    expect(features("SET @a = IF(@b, 'TRUNCATE TABLE x', 'DO 0')")).toEqual([]);
    expect(features('SET @a = CONCAT(@b, 0x2046524f4d2075205748455245206320)')).toEqual(['hex_sql']);
  });

  it('do not see a broken quote where the end of the text is missing', () => {
    const bytes = Buffer.from("SELECT a FROM t WHERE b = 'cut o");
    const set = clientCharset('utf8mb4');
    expect(pass.run(bytes, 0, bytes.length, set, false, false, false).names()).toEqual(['has_where']);
    expect(pass.run(bytes, 0, bytes.length, set, false, false, true).names()).toContain('broken_quotes');
  });

  it('come of any bytes without a throw', () => {
    const code = fc.constantFrom(
      ...`SELECT UNION WHERE OR AND ( ) ( ' " \` \\ -- # /* */ /*! ; , . @ @@ 0x 1 1e5 = < IN LIKE SLEEP( CONCAT( CASE WHEN FROM
      information_schema . SET GRANT ON *.* TO INTO OUTFILE 'x' PREPARE FROM CREATE USER DROP TABLE \u00a0 \u000b`.split(
        / +/,
      ),
    );
    const text = fc.array(code, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(' ')));
    const any = fc.oneof(
      text,
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(
        any,
        fc.constantFrom('utf8mb4', 'gbk', 'latin1', ''),
        fc.option(fc.boolean()),
        (bytes, charset, mode) => {
          const found = pass.run(bytes, 0, bytes.length, clientCharset(charset), mode, mode).names();
          expect(found).toEqual(
            new FeaturePass().run(bytes, 0, bytes.length, clientCharset(charset), mode, mode).names(),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what is kept for a masked text', () => {
  const MODE = { charset: 'utf8mb4', noBackslashEscapes: false, ansiQuotes: false };

  it('is what the text itself would give, whatever came before', () => {
    const value = fc.constantFrom(
      "'a'",
      '1',
      '17',
      'NULL',
      '0x41',
      '?',
      "'x'' OR 5=5 -- '",
      "'5 UNION SELECT 1'",
      '1.5',
      "'12:30 Uhr'",
      "''",
      "'%'",
      "'abc'",
      '0',
      '90000000',
    );
    const between = fc.constantFrom(' ', '/**/', '  ', '\n', '');
    const shape = fc.constantFrom(
      (a: string, b: string, _: string) => `SELECT c FROM t WHERE d = ${a} AND e = ${b}`,
      (a: string, b: string, _: string) => `SELECT c FROM t WHERE d = ${a} OR ${b}`,
      (a: string, b: string, _: string) => `SELECT c FROM t WHERE d = 1 AND ${a} = ${b}`,
      (a: string, b: string, gap: string) => `SELECT c FROM t UNION${gap} SELECT ${a}, ${b}`,
      (a: string, b: string, gap: string) => `SELECT c FROM t WHERE d = ${a}${gap} ORDER BY ${b}`,
      (a: string, b: string, gap: string) => `INSERT INTO t VALUES (${a},${gap}${b})`,
      (a: string, b: string, gap: string) => `select c from t where d in (${a}, ${b})${gap} and e = 5`,
      (a: string, _: string, gap: string) => `SeLeCt c FROM t wHeRe${gap} d = ${a}`,
      (a: string, b: string) => `SELECT c FROM t WHERE d = ${a} = ${b}`,
      (a: string, b: string) => `SELECT c FROM t WHERE d = ${a} - ${b}`,
      (a: string, b: string) => `SELECT c FROM t WHERE d = ${a} | ${b}`,
      (a: string, b: string) => `SELECT c FROM t WHERE d = ${a} % ${b}`,
      (a: string, b: string) => `SELECT c FROM t WHERE d = ${a} LIKE ${b}`,
      (a: string, b: string) => `SELECT c FROM t WHERE d LIKE ${a} AND ${b}`,
      (a: string, b: string) => `SELECT c FROM t WHERE d = ${a} || ${b}`,
      (a: string, b: string) => `SELECT c FROM t WHERE d = ${a} OR d LIKE ${b}`,
      (a: string, _: string) => `SELECT c FROM t WHERE d = ${a} OR e IS NOT NULL`,
      (a: string, b: string) => `SELECT c FROM t WHERE (d = ${a} OR ${b} = ${a})`,
      (a: string, b: string) => `SELECT c FROM t WHERE (${a} = ${b} OR d = ${b})`,
      (a: string, b: string) => `SELECT c FROM t WHERE (${a} IN (${b}, 3) OR d IN (${b}, 3))`,
      (a: string, b: string) => `SELECT c FROM t ORDER BY CASE WHEN ${a} = ${b} THEN c END`,
      (a: string, _: string) => `SELECT c FROM t WHERE d = 1 AND (SELECT COUNT(*) FROM u) > ${a}`,
      (a: string, _: string) => `SELECT c FROM t WHERE (SELECT e FROM u LIMIT 1) = ${a}`,
      (a: string, _: string) => `SELECT c FROM t WHERE d IN ((SELECT ${a}))`,
      (a: string, b: string) => `SELECT c FROM t ORDER BY (SELECT ${a} FROM u WHERE e = ${b})`,
      (a: string, b: string) => `SELECT REPEAT(${a}, ${b}), SPACE(${a}) FROM t`,
      (a: string, b: string) => `SELECT CONCAT(${a}, USER(), ${b}), EXTRACTVALUE(c, CONCAT(${a}, d)) FROM t`,
      (a: string, b: string) => `SELECT c FROM t WHERE LEFT(USER(), ${a}) = ${b} AND ${a} = SUBSTR(USER(), 1, 1)`,
      (a: string, b: string) => `SELECT CHAR(${a}, ${b}), CHAR(${b}, 65) FROM t WHERE ELT(${a} = ${b}, 1)`,
      (a: string, b: string) => `UPDATE t SET d = ${a} OR e WHERE f = (${b} AND g)`,
      (a: string, b: string) => `INSERT INTO t VALUES (${a} OR c, ${b} LIKE ${a})`,
      (a: string, b: string) =>
        `SELECT table_name FROM information_schema.tables WHERE table_schema = ${a} AND table_name LIKE ${b}`,
      (a: string, b: string) => `SELECT c FROM t WHERE d = ${a} AND RAND() < ${b}`,
    );
    const statement = fc.tuple(shape, value, value, between).map(([make, a, b, gap]) => make(a, b, gap));
    fc.assert(
      fc.property(fc.array(statement, { minLength: 2, maxLength: 30 }), (statements) => {
        const masker = new Masker();
        const reader = new FeatureReader();
        for (const sql of [...statements, ...statements]) {
          const bytes = Buffer.from(sql);
          const text = new SqlText(bytes, 0, bytes.length, MODE);
          const kept = reader.ofStatement(text, masker.mask(text), masker.isExact).names();
          const alone = new Masker();
          expect([sql, kept]).toEqual([
            sql,
            new FeatureReader().ofStatement(text, alone.mask(text), alone.isExact).names(),
          ]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
