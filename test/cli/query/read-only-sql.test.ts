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
