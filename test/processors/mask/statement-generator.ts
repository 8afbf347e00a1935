import fc from 'fast-check';

export const CANARY = 'qzxcanary';
export const NUMBER_CANARY = '73185290461';
export const HEX_CANARY = '51fa5a3b9c';

/** How the server reads a statement. */
export interface Truth {
  readonly charset: string;
  readonly noBackslashEscapes: boolean;
  readonly ansiQuotes: boolean;
}

/** Characters whose second byte is a backslash, and others, as each set encodes them. */
export const CHARACTERS: Record<string, readonly string[]> = {
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

/** Chooses by a seed: one integer of fast-check makes a whole statement, some 100 times faster than arbitraries of its parts. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** @returns 0 to `below` - 1. */
  roll(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)]!;
  }
}

function truthOf(dice: Dice): Truth {
  return {
    charset: dice.pick(Object.keys(CHARACTERS)),
    noBackslashEscapes: dice.roll(2) === 1,
    ansiQuotes: dice.roll(2) === 1,
  };
}

const bytesOf = (parts: readonly (Buffer | string)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));

const PLAIN = ['a', ' ', ',', '(', ')', '/*', '*/', '-- ', '#', ';', '%', '1', '?', '\n', '$$', '@', '.'];
const ESCAPES = ['\\\\', "\\'", '\\"', '\\n', '\\%', '\\`'];

/** Bytes that may stand between the quotes without ending the string, in this mode. */
function piece(dice: Dice, mode: Truth, quote: string): Buffer {
  const kind = dice.roll(8);
  if (kind < 4) return Buffer.from(dice.pick(PLAIN));
  if (kind === 4) return Buffer.from(dice.pick([quote + quote, quote === "'" ? '"' : "'", '`']));
  if (kind === 5) return Buffer.from(mode.noBackslashEscapes ? '\\' : dice.pick(ESCAPES));
  return Buffer.from(dice.pick(CHARACTERS[mode.charset]!), 'hex');
}

/** Part of a string. A lead byte or lone high byte at its end would join with what follows: then it is left out. */
function body(dice: Dice, mode: Truth, quote: string): Buffer {
  const parts = Array.from({ length: dice.roll(5) }, () => piece(dice, mode, quote));
  const part = Buffer.concat(parts);
  const isClosed =
    ['utf8mb4', 'latin1', 'cp1251'].includes(mode.charset) || part.length < 3 || (part.at(-1) ?? 0) < 0x80;
  return isClosed ? part : Buffer.alloc(0);
}

function quoted(dice: Dice, mode: Truth, quote: string): Buffer {
  return bytesOf([quote, body(dice, mode, quote), CANARY, body(dice, mode, quote), quote]);
}

const VALUES: readonly string[] = [
  NUMBER_CANARY,
  `-${NUMBER_CANARY}`,
  `.${NUMBER_CANARY}`,
  `${NUMBER_CANARY}.5e10`,
  `1.${NUMBER_CANARY}`,
  `${NUMBER_CANARY}e5abc`,
  `1e${NUMBER_CANARY}`,
  `0x${HEX_CANARY}`,
  `0X${HEX_CANARY}`,
  `X'${HEX_CANARY}'`,
  `x'${HEX_CANARY} zz'`,
  `b'01${NUMBER_CANARY}'`,
  `$$ ${CANARY} $$`,
  `$tag$ it's ${CANARY} $tag$`,
];
const PREFIXES = ['N', 'n', '_utf8mb4', '_binary ', '_unknown ', 'DATE', 'TIMESTAMP ', '{d '];

/** A literal of any form, with a canary in it. */
function literal(dice: Dice, mode: Truth): Buffer {
  const quote = mode.ansiQuotes || dice.roll(2) === 0 ? "'" : '"';
  const kind = dice.roll(8);
  if (kind < 3) return quoted(dice, mode, quote);
  if (kind === 3) {
    const prefix = dice.pick(PREFIXES);
    return bytesOf([prefix, quoted(dice, mode, "'"), prefix === '{d ' ? '}' : '']);
  }
  if (kind === 4)
    return bytesOf([quoted(dice, mode, quote), dice.pick([' ', '\n', ' /* x */ ']), quoted(dice, mode, quote)]);
  return Buffer.from(dice.pick(VALUES));
}

/** Rules of a small grammar of SQL. `<x>` is a rule, `¿` a literal, `‿` a blank between clauses; `|` parts alternatives. */
const GRAMMAR: Record<string, string> = {
  statement:
    '<select>|<select>|<insert>|<update>|<delete>|<ddl>|<admin>|<account>|<routine>|(<select>) UNION ALL <select>|<select>; <update>;|WITH c (x) AS (<select>) <select>|EXPLAIN <select>',
  select:
    'SELECT <hint><item>, <item> FROM <table><where><group><order><limit>|SELECT <item>|SELECT DISTINCT <item> FROM <table> JOIN <table> ON <condition><where>|SELECT <item> INTO OUTFILE ¿ FIELDS TERMINATED BY ¿ FROM <table>|VALUES ROW(¿, ¿), ROW(<expression>, ¿)',
  hint: '|||/*+ SET_VAR(a=¿) */ |/*! STRAIGHT_JOIN */ |/*!50000 SQL_NO_CACHE*/ |/* qzxcanary */ |SQL_CALC_FOUND_ROWS ',
  item: '<expression>|<expression> AS <name>|<expression> <name>|<column>|*|¿|¿ AS ¿|<column> ¿|@v := ¿|(<select>)',
  table: 't|`t`|db.t|`a b`.`c` AS x|(<select>) d|t PARTITION (p0)|JSON_TABLE(¿, ¿ COLUMNS(a INT PATH ¿)) j',
  column: 'a|t.b|`c d`|x.`e`|`posts.id`',
  name: 'a|`b c`|total',
  where: '|‿WHERE <condition>|‿WHERE <condition> AND <condition>|‿WHERE NOT (<condition> OR <condition>)',
  condition:
    '<column> = ¿|<column>=¿|<expression> > <expression>|<column> IN (¿, ¿,¿)|<column> NOT IN (¿)|(a, b) IN ((¿, ¿), (¿,¿))|<column> BETWEEN ¿ AND ¿|<column> LIKE ¿ ESCAPE ¿|<column> IS NOT NULL|EXISTS (<select>)|MATCH (a) AGAINST (¿ IN BOOLEAN MODE)|<column> REGEXP ¿|¿|¿ = ¿|! ¿',
  expression:
    '¿|<column>|<column> + ¿|-¿|f(¿, <expression>)|CONCAT(¿,¿, <column>)|CASE <column> WHEN ¿ THEN ¿ ELSE ¿ END|CASE WHEN <condition> THEN ¿ END|CAST(¿ AS CHAR(5))|CONVERT(¿ USING utf8)|<column> -> ¿|INTERVAL ¿ DAY + NOW()|¿ COLLATE utf8mb4_bin|TRIM(BOTH ¿ FROM <column>)|(¿)|IF(<condition>, ¿, NULL)|SUM(<expression>) OVER (PARTITION BY a ORDER BY b)|¿ || ¿|GROUP_CONCAT(a SEPARATOR ¿)|DEFAULT(a)',
  group: '||‿GROUP BY <column>, ¿‿HAVING <condition>',
  order: '||‿ORDER BY <column> DESC, FIELD(a, ¿, ¿)',
  limit: '||‿LIMIT ¿|‿LIMIT ¿, ¿|‿LIMIT ¿ OFFSET ¿|‿FOR UPDATE',
  insert:
    'INSERT INTO t (a, b) VALUES (¿,¿),(¿, DEFAULT),(NULL, <expression>)|INSERT IGNORE INTO t VALUES (¿, ¿) ON DUPLICATE KEY UPDATE a = VALUES(a) + ¿|REPLACE t SET a = ¿, b = <expression>|INSERT INTO t (a) <select>|LOAD DATA LOCAL INFILE ¿ INTO TABLE t FIELDS TERMINATED BY ¿ ENCLOSED BY ¿ LINES STARTING BY ¿ SET a = ¿',
  update: 'UPDATE t SET a = ¿, b = <expression><where><limit>|UPDATE t JOIN u ON <condition> SET t.a = ¿',
  delete: 'DELETE FROM t<where><order>|DELETE a FROM a, b<where>|TRUNCATE t|HANDLER t READ a = (¿) LIMIT ¿',
  ddl: 'CREATE TABLE t (a INT DEFAULT ¿ COMMENT ¿, e ENUM(¿,¿), g INT AS (<expression>) CHECK (<condition>)) COMMENT=¿ ENGINE=FEDERATED CONNECTION=¿|ALTER TABLE t ADD c VARCHAR(10) DEFAULT ¿ COMMENT ¿ AFTER b, ADD PARTITION (PARTITION p VALUES LESS THAN (¿))|CREATE VIEW v AS <select>|CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER ¿, PASSWORD ¿, HOST ¿)|CREATE EVENT e ON SCHEDULE EVERY ¿ HOUR STARTS ¿ DO <update>|DROP TABLE t /* qzxcanary */',
  admin:
    'SET @a = ¿, @b := ¿, SESSION x = ¿|SET NAMES ¿|SHOW TABLES LIKE ¿|KILL ¿|CHANGE MASTER TO MASTER_HOST=¿, MASTER_PASSWORD=¿|CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = ¿|PURGE BINARY LOGS TO ¿|XA COMMIT ¿,¿,¿|DO RELEASE_LOCK(¿)|BINLOG ¿|SIGNAL SQLSTATE ¿ SET MESSAGE_TEXT = ¿|START SLAVE UNTIL MASTER_LOG_FILE=¿, MASTER_LOG_POS=¿',
  account:
    'CREATE USER u IDENTIFIED BY ¿|CREATE USER ¿@¿ IDENTIFIED WITH p AS ¿|ALTER USER u IDENTIFIED VIA p USING PASSWORD(¿)|GRANT ALL ON *.* TO u IDENTIFIED BY PASSWORD ¿|SET PASSWORD FOR u = ¿|SET PASSWORD = PASSWORD(¿)|ALTER USER u REQUIRE SUBJECT ¿ AND ISSUER ¿',
  routine:
    'CALL p(¿, ¿)|PREPARE s FROM ¿|EXECUTE s USING @a|EXECUTE IMMEDIATE ¿|CREATE FUNCTION f() RETURNS CHAR(5) RETURN ¿|CREATE PROCEDURE p() BEGIN DECLARE x INT DEFAULT ¿; IF a = ¿ THEN <update>; END IF; <select>; END|CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.a = ¿',
};

const GAPS = [' ', '\n', '\t ', ' /* qzxcanary */ ', ' -- qzxcanary\n', ' # qzxcanary\n', '/**/'];
const RULES = new Map(Object.entries(GRAMMAR).map(([name, rule]) => [name, splitRule(rule)]));
const MOST_STEPS = 40;

/** `|` alone parts alternatives; in `||` of an expression (`¿ || ¿`) it stands between blanks. */
function splitRule(rule: string): readonly string[] {
  return rule
    .replaceAll(' || ', ' \u0001 ')
    .split('|')
    .map((part) => part.replaceAll('\u0001', '||'));
}

/** A statement's text with `¿` where a literal goes. */
function derived(dice: Dice): string {
  let sql = '<statement>';
  for (let step = 0; step < MOST_STEPS; step++) {
    const found = /<(\w+)>/.exec(sql);
    if (found === null) break;
    sql = sql.slice(0, found.index) + dice.pick(RULES.get(found[1]!)!) + sql.slice(found.index + found[0].length);
  }
  return sql
    .replaceAll(/<(?:item|expression|condition|select)>/g, '¿')
    .replaceAll(/<\w+>/g, ' t ')
    .replaceAll('‿', ' ');
}

/** A statement of the grammar whose literals, gaps and comments hold canaries, and the mode it is written for. */
export function statementOf(seed: number): { mode: Truth; sql: Buffer } {
  const dice = new Dice(seed);
  const mode = truthOf(dice);
  const parts = derived(dice).split('¿');
  const pieces: (Buffer | string)[] = [];
  parts.forEach((part, n) => {
    if (n > 0) pieces.push(literal(dice, mode));
    pieces.push(dice.roll(3) === 0 ? part.replace(' ', () => dice.pick(GAPS)) : part);
  });
  return { mode, sql: bytesOf(pieces) };
}

export const statementAndMode: fc.Arbitrary<readonly [Truth, Buffer]> = fc.noShrink(fc.integer()).map((seed) => {
  const { mode, sql } = statementOf(seed);
  return [mode, sql] as const;
});
