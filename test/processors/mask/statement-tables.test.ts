import { describe, expect, it } from 'vitest';
import { MOST_TABLES, tablesOf } from '../../../processors/mask/statement-tables.ts';

describe('the tables of a statement', () => {
  it.each([
    ['SELECT * FROM a, `b c` AS x, d.e y JOIN f USING (g) WHERE h IN (SELECT i FROM j)', ['a', 'b c', 'd.e', 'f', 'j']],
    ['SELECT * FROM (SELECT a FROM b) x, c LEFT JOIN (d, e) ON f', ['b', 'c', 'd', 'e']],
    ['WITH x AS (SELECT a FROM b), y (z) AS (SELECT ?) SELECT * FROM x JOIN y JOIN c', ['b', 'c']],
    ['SELECT EXTRACT(YEAR FROM a), TRIM(LEADING ? FROM b) FROM c', ['c']],
    ['SELECT /*! a FROM */ b', ['b']],
    ['INSERT IGNORE INTO a (b) SELECT c FROM d ON DUPLICATE KEY UPDATE b=?', ['a', 'd']],
    ['REPLACE a SET b=?', ['a']],
    ['UPDATE LOW_PRIORITY a, b SET a.c=b.d', ['a', 'b']],
    ['DELETE a FROM a JOIN b', ['a', 'b']],
    ['SELECT a FROM b FOR UPDATE', ['b']],
    ['SELECT a INTO @x FROM b', ['b']],
    ['SELECT a FROM b INTO OUTFILE ?', ['b']],
    ['CREATE TABLE IF NOT EXISTS a (b INT REFERENCES c (d))', ['a', 'c']],
    ['CREATE INDEX i ON a (b)', ['a']],
    ['DROP TABLE IF EXISTS a, b.c', ['a', 'b.c']],
    ['RENAME TABLE a TO b', ['a', 'b']],
    ['TRUNCATE a', ['a']],
    ['LOCK TABLES a READ, b AS c LOW_PRIORITY WRITE', ['a', 'b']],
    ['LOAD DATA INFILE ? INTO TABLE a', ['a']],
    ['SHOW COLUMNS FROM a', ['a']],
    ['SHOW TABLES FROM a', []],
    ['GRANT SELECT ON a.b TO ?@?', ['a.b']],
    ['GRANT ALL ON a.* TO ?', []],
    ['DESCRIBE a', ['a']],
    ['SELECT * FROM json_table(?) AS x, a', ['a']],
    ['SELECT ? FROM DUAL', []],
    ['SELECT a FROM', []],
    ['SELECT a; SELECT b FROM c; UPDATE d SET e=?', ['c', 'd']],
  ])('%s', (masked, expected) => {
    expect(tablesOf(masked).names).toEqual(expected);
  });

  it('are at most MOST_TABLES', () => {
    const names = Array.from({ length: MOST_TABLES + 50 }, (_, n) => `t${n}`);
    expect(tablesOf(`SELECT * FROM ${names.join(', ')}`).names.length).toBeLessThanOrEqual(MOST_TABLES + 50);
    expect(tablesOf(names.map((name) => `SELECT a FROM ${name}`).join(';')).names).toHaveLength(MOST_TABLES);
  });
});
