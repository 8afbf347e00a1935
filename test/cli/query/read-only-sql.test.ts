import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOnlySql } from '../../../cli/query/read-only-sql.ts';

describe('readOnlySql', () => {
  it.each([
    'SELECT 1',
    "select * from audit where statement_masked like '%;%'",
    'WITH 1 AS x SELECT x',
    '(SELECT 1) UNION ALL (SELECT 2)',
    '-- a comment; with a semicolon\nSELECT 1 /* ; */ -- ;',
    'SHOW TABLES',
    'DESCRIBE audit',
    'EXPLAIN indexes = 1 SELECT count() FROM audit',
    "SELECT 'it''s; \\'fine\\';'",
    'SELECT `a;b`, "c;d" FROM audit',
    'SELECT $tag$ ; INTO OUTFILE $tag$',
    'SELECT file FROM audit',
    'SELECT \'naïve\u200b\', `größe`, "\u2003" FROM audit -- ünïcode\n/* \u00a0 */',
    'SELECT $tag$ größe $tag$',
    "SELECT value FROM system.settings WHERE name = 'readonly'",
    'SELECT count() FROM audit SETTINGS max_threads = 1',
    "SELECT count() FROM audit WHERE command IN (SELECT insert FROM (SELECT 'insert' AS insert))",
  ])('lets pass: %s', (sql) => {
    expect(readOnlySql(sql)).toBe(sql);
  });

  it('drops a closing semicolon and what is no statement after it', () => {
    expect(readOnlySql('SELECT 1; -- done\n ')).toBe('SELECT 1');
  });

  it.each([
    ['', 'is empty'],
    ['  ;', 'is empty'],
    ['INSERT INTO audit SELECT 1', 'reading statement'],
    ['DROP TABLE audit_events', 'reading statement'],
    ['ALTER TABLE audit_events DELETE WHERE 1', 'reading statement'],
    ['SYSTEM SHUTDOWN', 'reading statement'],
    ['SET readonly = 0', 'reading statement'],
    ['/* SELECT */ TRUNCATE TABLE audit_events', 'reading statement'],
    ["INSERT INTO FUNCTION file('x') SELECT 1", 'reading statement'],
    ['SELECT 1; DROP TABLE audit_events', 'more than one statement'],
    ['SELECT 1;; SELECT 2', 'more than one statement'],
    ["SELECT '\\\\'; DROP TABLE audit_events", 'more than one statement'],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 'INTO OUTFILE'],
    ["SELECT 1 into/**/outfile '/tmp/x'", 'INTO OUTFILE'],
    ["SELECT file('/etc/passwd')", 'reaches outside'],
    ["SELECT * FROM `file` ('/etc/passwd')", 'reaches outside'],
    ['SELECT "file"(\'/etc/passwd\')', 'reaches outside'],
    ["DESCRIBE url('http://x')", 'reaches outside'],
    ["SELECT 1 INTO\u200bOUTFILE '/tmp/x'", 'U+200B'],
    ["SELECT file\u200b('/etc/hostname')", 'U+200B'],
    ["SELECT 1 INTO\u00a0OUTFILE '/tmp/x'", 'U+00A0'],
    ['SELECT 1;\u3000', 'U+3000'],
    ['SELECT \u201cfile\u201d(1)', 'U+201C'],
    ['SELECT 1 AS \u{1f600}', 'U+1F600'],
    ["SELECT `fi\\x6ce`('/etc/hostname')", 'backslash'],
    ["SELECT 1 AS $x$ INTO OUTFILE '/tmp/x'", 'INTO OUTFILE'],
    ["SELECT 1 AS a$b$ INTO OUTFILE '/tmp/x'", 'INTO OUTFILE'],
    ['SELECT 1 SETTINGS readonly = 0', 'readonly'],
    ['SELECT 1 settings max_threads = 1, ReadOnly/**/= 0', 'readonly'],
    ['SELECT * FROM (SELECT 1 SETTINGS `readonly` = 0)', 'readonly'],
    ['WITH 1 AS x INSERT INTO audit SELECT x', 'INSERT'],
    ['EXPLAIN insert INTO audit SELECT 1', 'INSERT'],
    ['FROM audit INSERT INTO audit', 'INSERT'],
  ])('refuses: %s', (sql, reason) => {
    expect(() => readOnlySql(sql)).toThrow(
      expect.objectContaining({ code: 'query_invalid', message: expect.stringContaining(reason) }),
    );
  });

  it('answers every text with a query or a refusal', () => {
    const pieces = fc.constantFrom(
      "'",
      '"',
      '`',
      ';',
      '--',
      '\n',
      '/*',
      '*/',
      '\\',
      '$',
      '$a$',
      '#',
      ' ',
      'select',
      'file',
      '(',
      'é',
      '\u200b',
      '\u{1f600}',
      'insert',
      'readonly',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const sql = `select ${parts.join('')}`;
        try {
          expect(sql.startsWith(readOnlySql(sql))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'query_invalid' });
        }
      }),
    );
  });
});
