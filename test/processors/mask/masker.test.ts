import { describe, expect, it } from 'vitest';
import { Masker } from '../../../processors/mask/masker.ts';
import type { SqlMode } from '../../../schemas/sql-text.ts';
import { DEFAULT_MODE, maskBytes, UNKNOWN_MODE } from './mask-bytes.ts';

function masked(sql: string | Buffer, mode: SqlMode = DEFAULT_MODE): string {
  return maskBytes(new Masker(), sql, mode).masked;
}

describe('the masked text', () => {
  it.each([
    [
      'keeps case and names, and hides strings',
      "Select `Name`, a1 From t2024 Where x='s'",
      'Select `Name`, a1 From t2024 Where x=?',
    ],
    ['has one blank for white space and comments', 'SELECT  a /* x */\n\tFROM -- y\n t # z', 'SELECT a FROM t'],
    ['joins adjacent strings', "SELECT 'a' 'b' \"c\", N'd', X'41', b'1', 0x41", 'SELECT ?, ?, ?, ?, ?'],
    [
      'drops introducers of known character sets',
      "SELECT _utf8mb4'a', _latin1 x'41', _mine 'a'",
      'SELECT ?, ?, _mine ?',
    ],
    [
      'ends numbers where the server does',
      'SELECT 1e10a, 1.e5, .5AND 1.AND, 1e+5, -3, t.1x',
      'SELECT ? a, ?, ? AND ? AND, ?, -?, t.1x',
    ],
    [
      'hides digit-led words that may be values',
      'SELECT 550e8400, 1234abc, 0xZZ, 16M, 41d4',
      'SELECT ?, ?, ?, ?, 41d4',
    ],
    ['folds IN lists of any length alike', 'SELECT a IN (1), b IN (1, -2 , NULL)', 'SELECT a IN (?+), b IN (?+)'],
    ['folds rows', "INSERT INTO t VALUES (1,'a'),(NULL,DEFAULT)", 'INSERT INTO t VALUES (?+)+'],
    [
      'folds equal rows with expressions',
      'INSERT INTO t VALUES (1, NOW()), (NULL, NOW())',
      'INSERT INTO t VALUES (?, NOW())+',
    ],
    ['folds rows inside IN', 'SELECT (a,b) IN ((1,2),(3,4))', 'SELECT (a,b) IN ((?+)+)'],
    ['folds rows of VALUES ROW()', 'VALUES ROW(1,2), ROW(3,4)', 'VALUES ROW(?+)+'],
    [
      'leaves sums that follow VALUES() alone',
      'INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a=VALUES(a)+1',
      'INSERT INTO t VALUES (?) ON DUPLICATE KEY UPDATE a=VALUES(a)+?',
    ],
    [
      'keeps versioned comments and hints as structure',
      "SELECT /*!50000 'a',*/ /*+ INDEX(t i) */ 1",
      'SELECT /*!50000 ?, */ /*+ INDEX(t i) */ ?',
    ],
    ['hides numbers that pose as versions', 'SELECT /*!4111111111111111 */ 1', 'SELECT /*! ? */ ?'],
    [
      'keeps variables and hides what they are set to',
      "SET @a := 1, @@session.b = 'c', @`d e` = 2",
      'SET @a := ?, @@session.b = ?, @`d e` = ?',
    ],
    ['hides accounts given as strings', "GRANT ALL ON db.* TO 'bob'@'10.%'", 'GRANT ALL ON db.* TO ?@?'],
    ['hides dollar-quoted bodies', 'CREATE FUNCTION f() AS $$ secret $$', 'CREATE FUNCTION f() AS ?'],
    ['hides everything after a body that older servers read otherwise', "SELECT $$ it's $$, secret", 'SELECT ?'],
    ['hides \\N', 'SELECT \\N, NULL', 'SELECT ?, NULL'],
    ['keeps two dashes apart, so that they begin no comment', 'SELECT 1--1, 2 - -3', 'SELECT ?- -?, ? - -?'],
    ['shows no name with control characters', 'SELECT `a\u001b[2J` FROM\u0001t', 'SELECT `?` FROM t'],
    ['replaces marks that reorder text', 'SELECT `a\u202eb`', 'SELECT `a\ufffdb`'],
    ['of nothing is nothing', '  /* x */ ', ''],
  ])('%s', (_, sql, expected) => {
    expect(masked(sql)).toBe(expected);
  });

  it.each([
    ['CREATE USER u IDENTIFIED BY hunter2 ACCOUNT LOCK', 'CREATE USER u IDENTIFIED BY ?'],
    ["CREATE USER u IDENTIFIED BY PASSWORD 'x' REQUIRE SSL", 'CREATE USER u IDENTIFIED BY PASSWORD ? REQUIRE SSL'],
    [
      "CREATE USER u IDENTIFIED VIA ed25519 USING PASSWORD('x') OR unix_socket",
      'CREATE USER u IDENTIFIED VIA ed25519 USING PASSWORD(?) OR unix_socket',
    ],
    ['ALTER USER u IDENTIFIED BY p@ss#word', 'ALTER USER u IDENTIFIED BY ?'],
    ['ALTER USER u IDENTIFIED BY RANDOM PASSWORD', 'ALTER USER u IDENTIFIED BY RANDOM PASSWORD'],
    ['SET PASSWORD FOR bob@localhost = hunter2', 'SET PASSWORD FOR bob@localhost = ?'],
    ['SET PASSWORD = PASSWORD(hunter2)', 'SET PASSWORD = PASSWORD( ?'],
    [
      'CHANGE MASTER TO MASTER_USER=repl, MASTER_PASSWORD=hunter2',
      'CHANGE MASTER TO MASTER_USER=repl, MASTER_PASSWORD= ?',
    ],
    ['SELECT a AS password, b FROM t USING (password)', 'SELECT a AS password, b FROM t USING (password)'],
  ])('hides secrets that no quotes mark: %s', (sql, expected) => {
    expect(masked(sql)).toBe(expected);
  });

  it('takes double quotes for names only where ANSI_QUOTES is known to be on', () => {
    const sql = 'SELECT "a b" FROM t';
    expect(masked(sql, { ...DEFAULT_MODE, ansiQuotes: true })).toBe(sql);
    expect(masked(sql, { ...DEFAULT_MODE, ansiQuotes: null })).toBe('SELECT ? FROM t');
    expect(masked('CREATE USER u IDENTIFIED BY "x"', { ...DEFAULT_MODE, ansiQuotes: true })).toBe(
      'CREATE USER u IDENTIFIED BY ?',
    );
  });

  it.each([
    ['gbk', 'bf5c', 'SELECT ? OR a=?'],
    ['sjis', '955c', 'SELECT ? OR a=?'],
    ['big5', 'a55c', 'SELECT ? OR a=?'],
    ['latin1', 'bf5c', 'SELECT ?'],
    ['utf8mb4', 'bf5c', 'SELECT ?'],
    ['', 'bf5c', 'SELECT ?'],
  ])('knows whether a backslash escapes or is half a character: %s', (charset, character, expected) => {
    const sql = Buffer.concat([Buffer.from("SELECT '"), Buffer.from(character, 'hex'), Buffer.from("' OR a='SECRET'")]);
    expect(masked(sql, { ...DEFAULT_MODE, charset })).toBe(expected);
  });

  it('hides what any reading hides where the mode is unknown', () => {
    const sql = "SELECT 'a\\' OR b='SECRET' -- \\'";
    expect(masked(sql, { ...DEFAULT_MODE, noBackslashEscapes: true })).toBe('SELECT ? OR b=?');
    expect(masked(sql, UNKNOWN_MODE)).toBe('SELECT ?');
    expect(masked("SELECT 'a', b FROM t", UNKNOWN_MODE)).toBe('SELECT ?, b FROM t');
  });

  it('shows nothing of a text too long to be read in every mode', () => {
    expect(masked(`SELECT '\\', ${'a,'.repeat(200_000)}b`, UNKNOWN_MODE)).toBe('?');
  });

  it('loses the rest of a text where servers of different version would read on differently', () => {
    expect(masked("SELECT /*!99999 ' */ , 'SECRET' */ FROM t")).toBe('SELECT /*!99999 ?');
    expect(masked("SELECT x'4\\' , 'SECRET'")).toBe('SELECT ?');
  });

  it.each([
    ['gbk', 'b1ed', '表'],
    ['sjis', '955c', '表'],
    ['latin1', 'e9', 'é'],
    ['utf8mb4', 'e8a1a8', '表'],
    ['sjis', '825c', '\ufffd'],
  ])('is UTF-8 whatever the client speaks: %s %s', (charset, hex, character) => {
    const sql = Buffer.concat([Buffer.from('SELECT `'), Buffer.from(hex, 'hex'), Buffer.from('` FROM t')]);
    expect(masked(sql, { ...DEFAULT_MODE, charset })).toBe(`SELECT \`${character}\` FROM t`);
  });

  it.each([
    ["SELECT a FROM t WHERE b = ''' AND c = MD5('SECRET')", 'SELECT a FROM t WHERE b = ?'],
    ["SELECT a FROM t WHERE b = 'x' AND c = 1' AND d = 'SECRET'", 'SELECT a FROM t WHERE b = ?'],
    ['SELECT a FROM t WHERE b = "" " AND c = "SECRET"', 'SELECT a FROM t WHERE b = ?'],
    ["SELECT a FROM t WHERE b = ''' AND c = MD5('/*SECRET", 'SELECT a FROM t WHERE b = ?'],
    ["SELECT a FROM t WHERE b = ''' AND c = MD5('x /* SECRET')", 'SELECT a FROM t WHERE b = ?'],
    ["SELECT a FROM t WHERE b = ''' AND c = '/*!50000 SECRET'", 'SELECT a FROM t WHERE b = ?'],
    ["SELECT a FROM t WHERE b = ''' AND c = 'SECRET $$ x'", 'SELECT a FROM t WHERE b = ?'],
    ["SELECT a FROM t WHERE b = ` AND c = 'SECRET'", 'SELECT a FROM t WHERE b = ?'],
    ["SELECT `a`` FROM t WHERE b = 'SECRET' AND `c` = 1", 'SELECT ?'],
    ['SELECT a FROM t WHERE b = `73185290', 'SELECT a FROM t WHERE b = ?'],
    ["SELECT N'a', `b", 'SELECT ?'],
    ["SELECT a IN (1, 'b', 'c", 'SELECT a IN (?+'],
    ["INSERT INTO t VALUES (1,2),(3,''' AND SECRET('a')", 'INSERT INTO t VALUES (?+),(?+'],
    ["SET PASSWORD FOR 'b''@'SECRET' = hunter2", 'SET PASSWORD FOR ?'],
    ['SELECT a, `b c` FROM t /* SECRET', 'SELECT a, ?'],
    ["ECRET', 'SECRET') , (1", '?'],
    ["/* c */ (SELECT a FROM t WHERE b = ''' AND SECRET('a')", '(SELECT a FROM t WHERE b = ?'],
    ['SELECT a FROM `tab', 'SELECT a FROM `tab'],
    ['SELECT a FROM t WHERE b = 1 /* SECRET', 'SELECT a FROM t WHERE b = ?'],
  ])('of a text that ends inside quotes or a comment shows nothing from the first string on: %s', (sql, expected) => {
    for (const mode of [DEFAULT_MODE, UNKNOWN_MODE]) {
      expect(masked(sql, mode)).toBe(expected);
      expect(masked(expected, mode)).toBe(expected);
    }
  });

  it('takes a text for unclosed where any possible reading does', () => {
    const sql = "SELECT a, 'b' FROM t WHERE c = '\\' AND d = 'e'";
    expect(masked(sql, { ...DEFAULT_MODE, noBackslashEscapes: true })).toBe('SELECT a, ? FROM t WHERE c = ? AND d = ?');
    expect(masked(sql)).toBe('SELECT a, ?');
    expect(masked(sql, UNKNOWN_MODE)).toBe('SELECT a, ?');
  });

  it.each([
    ["SELECT a FROM t WHERE x='SECR", 'SELECT a FROM t WHERE x=?'],
    ['SELECT a FROM t WHERE x=1 /* SECR', 'SELECT a FROM t WHERE x=?'],
    ['SELECT a FROM `tab', 'SELECT a FROM `tab'],
    ["INSERT INTO t VALUES (1,'a'),(2,'b'),(3", 'INSERT INTO t VALUES (?+)+,(?'],
    ['SELECT a IN (1, 2, 3', 'SELECT a IN (?+'],
  ])('of a text that lost its tail is masked to the end: %s', (sql, expected) => {
    expect(maskBytes(new Masker(), sql, DEFAULT_MODE, 'tail').masked).toBe(expected);
  });

  it('of a text that lost its head shows nothing', () => {
    const masker = new Masker();
    const statement = maskBytes(masker, "ECRET', b FROM t", DEFAULT_MODE, 'head');
    expect(statement).toMatchObject({ masked: '?', kind: 'other', tables: [], parse: 'skipped' });
    expect(maskBytes(masker, "other', c", DEFAULT_MODE, 'head')).toBe(statement);
  });
});

describe('the statement', () => {
  it('is one object for texts of one digest', () => {
    const masker = new Masker();
    const first = maskBytes(masker, 'SELECT a FROM t WHERE b IN (1,2)');
    expect(maskBytes(masker, 'select  a from t /* x */ where b in (7);')).toBe(first);
    expect(maskBytes(masker, 'SELECT a FROM T WHERE b IN (1,2)')).not.toBe(first);
  });

  it('is not another text’s when the same bytes mean other names in another character set', () => {
    const masker = new Masker();
    const sql = Buffer.from('53454c45435420c3a9', 'hex');
    expect(maskBytes(masker, sql).masked).toBe('SELECT é');
    expect(maskBytes(masker, sql, { ...DEFAULT_MODE, charset: 'latin1' }).masked).toBe('SELECT Ã©');
  });

  it('knows kind, tables and whether a grammar took it', () => {
    const masker = new Masker();
    expect(
      maskBytes(masker, 'SELECT * FROM shop.orders o JOIN `users` u ON u.id = o.user_id WHERE o.id IN (1,2)'),
    ).toMatchObject({
      kind: 'select',
      tables: ['shop.orders', 'users'],
      parse: 'parsed',
    });
    expect(maskBytes(masker, 'INSERT INTO orders (a, b) VALUES (1, 2), (3, 4)')).toMatchObject({
      kind: 'insert',
      tables: ['orders'],
      parse: 'parsed',
    });
    expect(maskBytes(masker, 'SELECT FROM WHERE')).toMatchObject({ kind: 'select', parse: 'failed' });
    expect(maskBytes(masker, `SELECT ${'a,'.repeat(10_000)}b FROM t`)).toMatchObject({
      tables: ['t'],
      parse: 'too_long',
    });
  });

  it('is no longer parsed once endless different statements have used up the grammar’s share', () => {
    const masker = new Masker();
    const outcomes = new Set<string>();
    const filler = 'column_with_a_long_name, '.repeat(20);
    for (let n = 0; n < 1500; n++) outcomes.add(maskBytes(masker, `SELECT ${filler}c${n} FROM t`).parse);
    expect([...outcomes]).toEqual(['parsed', 'skipped']);
    expect(maskBytes(masker, `SELECT ${filler}last FROM t`)).toMatchObject({ tables: ['t'], parse: 'skipped' });
  });

  it('stays right when more texts pass than the cache holds', () => {
    const masker = new Masker();
    for (let n = 0; n < 80_000; n++) {
      const { masked: text } = maskBytes(masker, `SET a${n}`);
      if (text !== `SET a${n}`) expect.fail(`${text} for SET a${n}`);
    }
    expect(maskBytes(masker, 'SET a5').masked).toBe('SET a5');
  });
});
