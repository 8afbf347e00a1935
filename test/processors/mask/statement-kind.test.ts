import { describe, expect, it } from 'vitest';
import { statementKind } from '../../../processors/mask/statement-kind.ts';

describe('the kind of a statement', () => {
  it.each([
    ['select ?', 'select'],
    ['(SELECT ?) UNION (SELECT ?)', 'select'],
    ['/*!50000 SELECT */ a', 'select'],
    ['WITH x AS (SELECT ?), y (a) AS (DELETE) UPDATE t SET a=?', 'update'],
    ['WITH RECURSIVE x AS (SELECT ?) SELECT * FROM x', 'select'],
    ['TABLE t', 'select'],
    ['START TRANSACTION READ ONLY', 'begin'],
    ['START SLAVE', 'start_slave'],
    ['BEGIN', 'begin'],
    ['SET @a = ?', 'set'],
    ['SET PASSWORD = ?', 'set_password'],
    ['CREATE TEMPORARY TABLE IF NOT EXISTS t (a INT)', 'create_table'],
    ['CREATE OR REPLACE DEFINER=root@localhost SQL SECURITY DEFINER VIEW v AS SELECT ?', 'create_view'],
    ['CREATE UNIQUE INDEX i ON t (a)', 'create_index'],
    ['CREATE USER ?@?', 'create_user'],
    ['ALTER TABLE t ADD a INT', 'alter_table'],
    ['DROP SCHEMA x', 'drop_database'],
    ['RENAME TABLE a TO b', 'rename_table'],
    ['LOCK TABLE a READ', 'lock_tables'],
    ['LOAD DATA LOCAL INFILE ? INTO TABLE t', 'load_data'],
    ['CHANGE MASTER TO MASTER_USER=?', 'change_master'],
    ['TRUNCATE t', 'truncate'],
    ['DESC t', 'explain'],
    ['KILL ?', 'kill'],
    ['frobnicate', 'other'],
    ['?', 'other'],
    ['', 'other'],
  ])('%s is %s', (masked, kind) => {
    expect(statementKind(masked)).toBe(kind);
  });
});
