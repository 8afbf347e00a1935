import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masker } from '../../../processors/mask/masker.ts';
import { maskBytes, UNKNOWN_MODE } from './mask-bytes.ts';

const RUNS = Number(process.env['SQLTRAIL_MASKING_RUNS'] ?? 3000);
const masker = new Masker();
const masked = (sql: string) => maskBytes(masker, sql).masked;

describe('strings that a quote too many turned inside out', () => {
  it.each([
    ['a value touches its quotes', "INSERT INTO t VALUES ('O'Brien', 'SECRET', 'it's')", 'INSERT INTO t VALUES (?'],
    ['a number does', "SELECT a FROM t WHERE id = 1' OR n = 'SECRET' OR 'a'='", 'SELECT a FROM t WHERE id = ? ?'],
    [
      'a word stands between two',
      "SELECT a FROM t WHERE b = ''' OR n = ' SECRET ' OR '''=''",
      'SELECT a FROM t WHERE b = ?',
    ],
    ['a word follows that is no alias', "SELECT 'a' SECRET = 'b'", 'SELECT ?'],
    ['two kinds of quotes touch', `SELECT 'x'" , SECRET, "`, 'SELECT ?'],
    [
      'one reads like code',
      "SELECT a FROM t WHERE id = ' OR n LIKE '%SECRET%' OR '''='",
      'SELECT a FROM t WHERE id = ?',
    ],
    [
      'one reads like code after its own quote',
      "SELECT a FROM t WHERE b = 'x'' AND n LIKE '%SECRET%' AND c = 'y'''",
      'SELECT a FROM t WHERE b = ?',
    ],
    [
      'one reads like code after an escape',
      "SELECT a FROM t WHERE b = '\\' AND n LIKE '%SECRET%' AND c = 'y\\''",
      'SELECT a FROM t WHERE b = ?',
    ],
    ['rows turn', "INSERT INTO t VALUES (''', '/SECRET/', ''')", 'INSERT INTO t VALUES (?'],
    ['strings join', "INSERT INTO t VALUES ('' ', ',SECRET,', 5, ''x')", 'INSERT INTO t VALUES (?'],
  ])('are hidden from the first on: %s', (_, sql, expected) => {
    expect(masked(sql)).toBe(expected);
    expect(masked(expected)).toBe(expected);
    // The tail of a long statement may be lost: that a string is closed there proves nothing.
    expect(maskBytes(masker, sql, undefined, 'tail').masked).not.toContain('SECRET');
    expect(maskBytes(masker, sql, UNKNOWN_MODE).masked).not.toContain('SECRET');
  });

  it.each([
    ["SELECT 'a'AS b,'c'd FROM t WHERE x='1'OR y LIKE'2'AND z>'3'", 'SELECT ?'],
    [
      "SELECT 'a'AS b, 'c' d FROM t WHERE x='1'OR y LIKE'2'AND z>'3'",
      'SELECT ? AS b, ? d FROM t WHERE x=? OR y LIKE ? AND z>?',
    ],
    ["SELECT n 'label', COUNT(*) 'how many' FROM t", 'SELECT n ?, COUNT(*) ? FROM t'],
    [
      "SELECT CONCAT(a, ' and ', b, ', ', c, ' (', d, ')', '=') FROM t",
      'SELECT CONCAT(a, ?, b, ?, c, ?, d, ?, ?) FROM t',
    ],
    ["SELECT GROUP_CONCAT(a ORDER BY b SEPARATOR ', ') FROM t", 'SELECT GROUP_CONCAT(a ORDER BY b SEPARATOR ?) FROM t'],
    ["SELECT a FROM t WHERE s IN ('IN', 'OR', 'AND') AND b = 'or'", 'SELECT a FROM t WHERE s IN (?+) AND b = ?'],
    ["INSERT INTO t VALUES ('it''s', '<p>x</p>', '[1,\"a\"]', 'x\\'y')", 'INSERT INTO t VALUES (?+)'],
    ["SELECT DATE'2024-01-01', _utf8mb4'x', N'y', 'a' 'b', {d '2024-01-01'}", 'SELECT DATE ?, ?, ?, ?, {d ?}'],
    [
      "CREATE USER 'a'@'b' IDENTIFIED BY 'c' REQUIRE SUBJECT 'd' AND ISSUER 'e'",
      'CREATE USER ?@? IDENTIFIED BY ? REQUIRE SUBJECT ? AND ISSUER ?',
    ],
    [
      "CREATE TABLE t (a ENUM('x','y') COLLATE utf8_bin DEFAULT 'x' COMMENT 'c', b INT) COMMENT 'd' ENGINE=InnoDB",
      'CREATE TABLE t (a ENUM(?+) COLLATE utf8_bin DEFAULT ? COMMENT ?, b INT) COMMENT ? ENGINE=InnoDB',
    ],
    [
      "SELECT CASE WHEN a = 'x' THEN 'y' ELSE 'z' END, 'p' LIKE 'q' ESCAPE '|', 'a' COLLATE utf8_bin",
      'SELECT CASE WHEN a = ? THEN ? ELSE ? END, ? LIKE ? ESCAPE ?, ? COLLATE utf8_bin',
    ],
  ])('are no ordinary strings: %s', (sql, expected) => {
    expect(masked(sql)).toBe(expected);
  });

  const SECRET = 'qzxcanary';
  const value = fc.constantFrom(
    ...['¡', ' ¡ ', '%¡%', 'bob ¡', '¡ smith', '/¡/', 'a, ¡', '(¡)', '¡@x.org', '-¡-', ',¡,', 'x=¡', 'and ¡ or'].map(
      (form) => form.replace('¡', SECRET),
    ),
  );
  const other = fc.constantFrom('bob', '1', '%x%', 'a b', '', ' ');
  const injected = fc.constantFrom(
    "'",
    "''",
    "' OR 1=1 -- ",
    "' OR ''='",
    "') -- ",
    "' AND '1'='1",
    "'x",
    "x'",
    " '",
    "' ",
    " ' ",
    "\\'",
    "'='",
    "','",
    " ' OR ' ",
    "1' OR name LIKE '%",
    "' UNION SELECT pw FROM u WHERE n='",
    '"',
  );
  const broken = fc
    .tuple(other, injected, fc.nat(2))
    .map(([text, quotes, place]) => (place === 0 ? text : place === 1 ? text + quotes : quotes + text));
  const template = fc.constantFrom(
    "SELECT * FROM u WHERE name = '¿' AND pw = '¡' AND z = '¿'",
    "SELECT * FROM u WHERE id = ¿ AND pw = '¡' AND z = ¿",
    "INSERT INTO t (a,b,c) VALUES ('¿','¡','¿')",
    "INSERT INTO t VALUES ('¿', '¡', 5, '¿', NULL)",
    "UPDATE t SET a='¿', b = '¡' WHERE id = ¿ AND c LIKE '¿'",
    "SELECT id FROM p WHERE cat IN ('¿','¡') OR id=¿ AND name LIKE '%¿%' LIMIT 5",
    "CALL p('¿', ¿, '¡')",
  );

  it('show no value, whatever an application that quotes by hand is given', () => {
    fc.assert(
      fc.property(template, value, fc.array(broken, { minLength: 3, maxLength: 3 }), (text, secret, parts) => {
        let next = 0;
        const sql = text.replace('¡', () => secret).replace(/¿/g, () => parts[next++]!);
        expect(masked(sql)).not.toContain(SECRET);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('quoted identifiers', () => {
  it.each([
    '`posts->author.id`',
    '`Order Details`',
    '`COUNT(*)`',
    '`a``b`',
    "`men's`",
    '`表2024`',
    '`orders_20240101`',
    '`?`',
    '`x-y`',
    '`some\\_schema`',
    '`30 days `',
  ])('that hold a name are shown: %s', (name) => {
    expect(masked(`SELECT ${name} FROM t`)).toBe(`SELECT ${name} FROM t`);
  });

  it.each([
    '` AND salary `',
    '` AND a=1 AND `',
    "`concat('SECRET', b)`",
    '`4111111111111111`',
    '`0x5345`',
    '`bob@example.org`',
    '`sum(a) > 9`',
    '`TEMP(1308221269)(0)`',
    '`a/*b`',
    `\`${'a b '.repeat(80)}c\``,
  ])('that hold code or values are not: %s', (name) => {
    expect(masked(`SELECT a ${name} FROM t`)).toBe('SELECT a `?` FROM t');
  });
});

describe('words with characters that are no letters', () => {
  it.each([
    ['WHERE a =\u00a04242424', 'WHERE a =\u00a0 ?'],
    ['WHERE\u00a0a LIKE\u00a054771', 'WHERE\u00a0a LIKE\u00a0 ?'],
    ['WHERE\ufffd6454=\ufffd6454', 'WHERE\ufffd ?=\ufffd ?'],
    ['SELECT 表2024, naïve FROM größe', 'SELECT 表2024, naïve FROM größe'],
  ])('end there, so that what follows is a value: %s', (sql, expected) => {
    expect(masked(sql)).toBe(expected);
    expect(masked(expected)).toBe(expected);
  });
});
