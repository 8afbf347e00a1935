import { type Connection, createConnection, type FieldPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientCharset } from '../../../processors/mask/client-charset.ts';
import { Lexer } from '../../../processors/mask/lexer.ts';
import { T_CLOSE, T_END, T_OPEN, T_PUNCT } from '../../../processors/mask/token-kinds.ts';
import { Dice } from '../../processors/mask/statement-generator.ts';
import { MariaDb } from '../../support/mariadb.ts';

const CASES = Number(process.env['SQLTRAIL_MASKING_CASES'] ?? 1500);
/** Told of texts that were parsed to their end; other errors (syntax, characters of no meaning) stop the server before. */
const UNKNOWN_COLUMN = 1054;
/** Collation of bytes. */
const BINARY = 63;
const CHARSETS = [
  'utf8mb4',
  'utf8mb3',
  'latin1',
  'cp1251',
  'gbk',
  'sjis',
  'cp932',
  'big5',
  'euckr',
  'gb2312',
  'ujis',
  'binary',
];
const MODES = ['', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'];
/** Lead bytes, trail bytes, and bytes that are neither, of all sets; `5c`, `27` and `22` may be half a character or not. */
const EDGES = [
  '5c',
  '5c',
  '27',
  '22',
  '60',
  'bf',
  'bf5c',
  '95',
  '955c',
  'a5',
  'a55c',
  '81',
  '815c',
  'fa5c',
  'e0',
  'fe',
  'ff',
  '80',
  'a0',
  'a1',
  'a127',
  'c2',
  'c3a9',
  'c2a0',
  'e8a1a8',
  'e8a1',
  'f09f9880',
  'ed',
  'b05c',
  '8e5c',
  '8fa1',
  '405c',
  '7e',
  '2c',
  '2c',
  '61',
  '20',
  '2d2d',
  '2f2a',
  '2a2f',
  '23',
  '5c27',
  '2727',
  '5c5c',
];

/** What the server is asked: how many columns a text has that only agreeing on every quote and comment tells. */
function edgeCase(dice: Dice): Buffer {
  const part = () => Array.from({ length: dice.roll(6) }, () => dice.pick(EDGES)).join('');
  const quote = dice.pick(['27', '27', '22']);
  const hex = `${quote}${part()}${quote}${dice.pick(['2c', '202c', '2c20'])}31${dice.pick(['2c', '202c'])}${quote}${part()}${quote}`;
  return Buffer.concat([Buffer.from('SELECT '), Buffer.from(hex, 'hex')]);
}

/** Columns by the lexer's reading; 0 where it takes the text for unclosed. */
function columnsOf(lexer: Lexer, sql: Buffer, charset: string, mode: string): number {
  lexer.begin(sql, 0, sql.length, clientCharset(charset), mode.includes('NO_BACK'), mode.includes('ANSI'));
  let columns = 1;
  for (let kind = lexer.next(); kind !== T_END; kind = lexer.next()) {
    if (kind === T_PUNCT && sql[lexer.start] === 0x2c) columns++;
    if (kind === T_OPEN || kind === T_CLOSE) return 0;
  }
  return lexer.isUnclosed ? 0 : columns;
}

describe('where a quote ends', () => {
  let server: MariaDb;
  let connection: Connection;

  beforeAll(async () => {
    server = await MariaDb.start({ serverArgs: ['--general-log=0'] });
    await server.sql("CREATE USER reader@'%'");
    connection = await createConnection({ host: server.host, port: server.port, user: 'reader', charset: 'BINARY' });
  });

  afterAll(async () => {
    await connection?.end();
    await server?.stop();
  });

  /** Columns of the server's answer; null where it refuses the text, 0 where it parses it and finds no such column. */
  async function asked(sql: Buffer): Promise<number | null> {
    try {
      const [, fields] = (await connection.query({ sql: sql.toString('latin1'), rowsAsArray: true })) as [
        unknown,
        FieldPacket[],
      ];
      return fields.length;
    } catch (error) {
      const { errno } = error as { errno?: number };
      if (errno === undefined) throw error;
      return errno === UNKNOWN_COLUMN ? 0 : null;
    }
  }

  it.each(CHARSETS.flatMap((charset) => MODES.map((mode) => [charset, mode] as const)))(
    'is read as MariaDB reads it: %s, sql_mode "%s"',
    async (charset, mode) => {
      await connection.query(`SET NAMES ${charset}`);
      await connection.query(`SET sql_mode = '${mode}'`);
      // The driver follows SET NAMES; bytes must go out as they are.
      (connection as unknown as { connection: { config: { charsetNumber: number } } }).connection.config.charsetNumber =
        BINARY;
      const lexer = new Lexer();
      const dice = new Dice(CHARSETS.indexOf(charset) * 10 + MODES.indexOf(mode));
      const disagreed: string[] = [];
      let answered = 0;
      for (let n = 0; n < CASES; n++) {
        const sql = edgeCase(dice);
        const columns = await asked(sql);
        if (columns === null) continue;
        const own = columnsOf(lexer, sql, charset, mode);
        if (own === 0 || (columns > 0 && own !== columns))
          disagreed.push(`${sql.toString('hex')}: ${own}, server ${columns}`);
        if (columns > 0) answered++;
      }
      expect(disagreed).toEqual([]);
      expect(answered).toBeGreaterThan(CASES / 20);
    },
  );
});
