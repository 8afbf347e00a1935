import { describe, expect, it } from 'vitest';
import {
  hasAnsiQuotes,
  mayChangeSession,
  readSessionFacts,
  type SessionFacts,
} from '../../../processors/decode/session-facts.ts';
import { Conversation, packet, query } from '../../support/conversation.ts';

const KEPT: SessionFacts = { database: null, charset: null, ansiQuotes: 'kept' };
const OK = '00 00 00 0200 0000';
const OK_AND_MORE = '00 00 00 0a00 0000';
const ERROR = 'ff 2804 23 3432303030 6e6f';

/** What a text says, through the cheap check first as decode asks. */
function facts(text: string, isSeveral = false, isWhole = true): SessionFacts {
  const bytes = Buffer.from(`xx${text}xx`);
  const end = bytes.length - 2;
  return mayChangeSession(bytes, 2, end, isSeveral) ? readSessionFacts(bytes, 2, end, isSeveral, isWhole) : KEPT;
}

describe('session facts: sql_mode', () => {
  it.each<[string, boolean]>([
    ["SET sql_mode='ANSI_QUOTES'", true],
    ["set sql_mode = 'STRICT_TRANS_TABLES,ansi_quotes' ;", true],
    ["SET SESSION sql_mode='ANSI'", true],
    ['SET LOCAL sql_mode := "ANSI"', true],
    ['SET @@session.sql_mode=ANSI', true],
    ["  SET @@LOCAL.sql_mode = 'ANSI'\n", true],
    ["SET @@sql_mode = ''", false],
    ["/* app */ SET sql_mode='STRICT_ALL_TABLES, NO_ZERO_DATE'", false],
    ['SET sql_mode = TRADITIONAL', false],
  ])('%s is certain', (text, ansiQuotes) => {
    expect(facts(text)).toEqual({ ...KEPT, ansiQuotes });
  });

  it.each([
    "SET `sql_mode` = 'ANSI_QUOTES'",
    "SET GLOBAL sql_mode='ANSI_QUOTES'",
    "SET PERSIST sql_mode='ANSI_QUOTES'",
    "SET @@global.sql_mode='ANSI_QUOTES'",
    "SET @sql_mode='ANSI_QUOTES'",
    "SET @x=1, sql_mode='ANSI_QUOTES'",
    "SET sql_mode='ANSI_QUOTES', sql_mode=''",
    "SET sql_mode=CONCAT(@@sql_mode, ',ANSI_QUOTES')",
    "SET sql_mode='ANSI_QUOTES' 'x'",
    "SET SQL_MODE='ANSI_QUOTES' -- x",
    'SET sql_mode=@old',
    'SET sql_mode=DEFAULT',
    'SET sql_mode=4',
    "SET sql_mode='4'",
    "SET sql_mode='ORACLE'",
    "SET STATEMENT sql_mode='ANSI_QUOTES' FOR SELECT 1",
    "SET sql_mode='ANSI_QUOTES'; SET sql_mode=''",
    "SET/**/sql_mode='ANSI_QUOTES'",
    "/*!40101 SET sql_mode='ANSI_QUOTES' */",
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
    '/*!50000 SELECT 1 */',
    '/*M!100100 SELECT 1 */',
    '-- x\n/*!50000 SELECT 1 */',
    'CALL p()',
    '/* app */ call p()',
    'EXECUTE s',
    "EXECUTE IMMEDIATE 'x'",
    "PREPARE s FROM 'SELECT 1'",
    "BEGIN NOT ATOMIC SET sql_mode=''; END",
  ])('%s leaves it unknown', (text) => {
    expect(facts(text).ansiQuotes).toBe(null);
  });

  it.each<[string, boolean | null | 'kept']>([
    ["SELECT 1; SET sql_mode='ANSI_QUOTES'", null],
    ['SELECT 1; CALL p()', null],
    ['SELECT 1; SELECT 2', 'kept'],
  ])('%s, of which the response has several results', (text, ansiQuotes) => {
    expect(facts(text, true).ansiQuotes).toBe(ansiQuotes);
  });

  it.each([
    'SELECT @@sql_mode',
    "/* sql_mode */ SELECT 'call'",
    '(SELECT names FROM t)',
    'SET autocommit=1',
    'BEGIN',
    'x',
    '',
  ])('%s changes nothing', (text) => {
    expect(facts(text)).toEqual(KEPT);
  });

  it('does not trust what it cannot see of several statements', () => {
    const unknown = { ansiQuotes: null, charset: '' };
    expect(facts('SELECT 1; SELECT 2', true, false)).toMatchObject(unknown);
    expect(facts(`SELECT 1; SELECT '${'x'.repeat(70_000)}'`, true)).toMatchObject(unknown);
  });

  it.each<[string, boolean | null]>([
    ['REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,ORACLE', true],
    ['STRICT_TRANS_TABLES', false],
    ['', false],
    ['DB2', null],
    ["'", null],
  ])('reads the list %s', (list, expected) => {
    expect(hasAnsiQuotes(list)).toBe(expected);
  });
});

describe('session facts: character set', () => {
  it.each([
    ['SET NAMES utf8', 'utf8mb3'],
    ["SET NAMES 'GBK';", 'gbk'],
    ['set names "gbk" collate gbk_bin', 'gbk'],
    ["SET NAMES gbk COLLATE 'gbk_bin'", 'gbk'],
    ['SET CHARACTER SET sjis', 'sjis'],
    ['SET CHARSET sjis', 'sjis'],
    ['SET character_set_client = latin1', 'latin1'],
    ["SET SESSION character_set_client='latin1'", 'latin1'],
    ['SET @@session.character_set_client := latin1', 'latin1'],
    ['/*!40101 SET NAMES utf8mb4 */', 'utf8mb4'],
    ['/*!50503 SET NAMES utf8mb4 */;', 'utf8mb4'],
    ['/*!40101 SET character_set_client = utf8mb4 */', 'utf8mb4'],
  ])('%s is certain', (text, charset) => {
    expect(facts(text)).toEqual({ ...KEPT, charset });
  });

  it.each([
    'SET NAMES DEFAULT',
    'SET NAMES gbk, @x = 1',
    'SET @x = 1, NAMES gbk',
    'SET autocommit = 1, CHARACTER SET gbk',
    'SET/**/CHARSET gbk',
    'SET NAMES/**/gbk',
    'SET character_set_client = @saved',
    'SET GLOBAL character_set_client = gbk',
    'SET `character_set_client` = gbk',
    'SET character_set_client = gbk, character_set_results = gbk',
    'SET NAMES gbk; SET NAMES sjis',
    '/*!40101 SET character_set_client = @saved_cs_client */',
    '/*!80000 SET NAMES gbk */',
    '/*!40101 SET NAMES gbk */ SELECT 1',
    '/*M!100100 SET NAMES gbk */',
    "PREPARE s FROM 'SET NAMES gbk'",
  ])('%s leaves it unknown', (text) => {
    expect(facts(text).charset).toBe('');
  });

  it('finds it in a later statement', () => {
    expect(facts('SELECT 1; SET NAMES gbk', true).charset).toBe('');
    expect(facts('CREATE TABLE t (a INT) DEFAULT CHARSET=gbk; SELECT 1', true).charset).toBe(null);
  });
});

describe('session facts: current database', () => {
  it.each([
    ['USE a', 'a'],
    ['use a ;', 'a'],
    ['USE `a``b`;', 'a`b'],
    ['USE`a`', 'a'],
    ['USE bücher', 'bücher'],
    ['USE a /* c */', 'a'],
    ['USE/**/a', 'a'],
    ['/* c */ USE a', 'a'],
    ['USE a -- x', 'a'],
    ['USE a # x', 'a'],
    ['-- x\nUSE a', 'a'],
    ['USE a; SELECT 2', 'a'],
    ["USE a; SELECT ';USE b;'; SELECT 1", 'a'],
    ['USE a; USE b', 'b'],
    ['USE a b', ''],
    ['USE "a"', ''],
    ['USE /*!40000 a */', ''],
    ['/*!40000 USE a */', ''],
    ['USE a; USE ?', ''],
  ])('%s', (text, database) => {
    expect(facts(text).database).toBe(database);
  });

  it('takes the last of several statements', () => {
    expect(facts('SELECT 1; USE a; USE `b c`; SELECT 2', true).database).toBe('b c');
    expect(facts('SELECT 1; SELECT 2', true).database).toBe(null);
  });

  it.each(["'\\", '`', '``', '"\\"', '/*', '*/', '/*!', ';', ' ', '1 ', '--', 'use ', 'set '])(
    'reads a text full of %s to its end',
    (piece) => {
      const text = piece.repeat(64 * 1024);
      expect(facts(`USE a;${text}`, true)).toMatchObject({ ansiQuotes: null, charset: '' });
      expect(facts(`SET @${text}\\`)).toMatchObject({ ansiQuotes: null });
    },
  );
});

describe('the session behind what is decoded', () => {
  const ANSI = "SET sql_mode='ANSI_QUOTES'";
  const probe = 'SELECT "secret"';

  function maskedAfter(talk: (conversation: Conversation) => void): string {
    const conversation = new Conversation().login();
    talk(conversation);
    return conversation.client(query(probe)).server(packet(1, OK)).events().at(-1)!.statement_masked;
  }

  it('shows names in double quotes only where the mode is certain', () => {
    expect(maskedAfter((c) => c.client(query(ANSI)).server(packet(1, OK)))).toBe(probe);
    expect(maskedAfter((c) => c.client(query(ANSI)).server(packet(1, ERROR)))).not.toContain('secret');
  });

  it.each<[string, (conversation: Conversation) => void]>([
    ['a reset', (c) => c.client(packet(0, '1f')).server(packet(1, OK))],
    ['a change of user', (c) => c.client(packet(0, '11 617070 00 00 00 2d00')).server(packet(1, OK))],
    ['a call', (c) => c.client(query('CALL p()')).server(packet(1, OK))],
    ['a call that failed', (c) => c.client(query('CALL p()')).server(packet(1, ERROR))],
    [
      'several statements',
      (c) => c.client(query("SELECT 1; SET sql_mode=''")).server(packet(1, OK_AND_MORE), packet(2, OK)),
    ],
    [
      'several statements of which one failed',
      (c) => c.client(query("DO 1; SET sql_mode=''; x")).server(packet(1, OK_AND_MORE), packet(2, ERROR)),
    ],
  ])('hides them again after %s', (_, talk) => {
    const hidden = maskedAfter((c) => {
      c.client(query(ANSI)).server(packet(1, OK));
      talk(c);
    });
    expect(hidden).not.toContain('secret');
  });

  it('forgets the database when one of several statements fails behind a USE', () => {
    const conversation = new Conversation().login();
    conversation.client(query('USE a; USE b')).server(packet(1, OK_AND_MORE), packet(2, ERROR));
    conversation.client(query('SELECT 1')).server(packet(1, OK));
    expect(conversation.events().at(-1)!.database_name).toBe('');
  });

  it('goes back to the character set of the login with a reset', () => {
    // In gbk the backslash is the second byte of a character.
    const text = Buffer.from("SELECT '\xbf\\', b", 'latin1');
    const after = (...before: (string | null)[]) => {
      const conversation = new Conversation().login();
      for (const sql of before) conversation.client(sql === null ? packet(0, '1f') : query(sql)).server(packet(1, OK));
      conversation.client(packet(0, '03', text)).server(packet(1, OK));
      return conversation.events().at(-1)!.statement_masked;
    };
    expect(after('SET NAMES gbk')).not.toBe(after());
    expect(after('SET NAMES gbk', null)).toBe(after());
  });
});
