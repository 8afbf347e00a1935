import { describe, expect, it } from 'vitest';
import { Conversation, DEFAULT_CAPABILITIES, packet, query, result } from '../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const queryBytes = (...parts: (string | Buffer)[]) => packet(0, '03', ...parts);

function maskedOf(...statements: (string | Buffer)[]): string[] {
  const conversation = new Conversation().login();
  for (const sql of statements)
    conversation.client(typeof sql === 'string' ? query(sql) : queryBytes(sql)).server(packet(1, OK));
  return conversation.events().map(({ statement_masked }) => statement_masked);
}

describe('text', () => {
  it('pitfall 40: reads text in its character set, where 0x5c can be half of a character, and keeps all of it', () => {
    const conversation = new Conversation().login();
    conversation.client(query('SET NAMES gbk')).server(packet(1, OK));
    // 誠 is d55c in GBK: to whoever reads it as two characters the quote is escaped and b is inside the string.
    conversation
      .client(queryBytes(Buffer.from("SELECT '"), 'd55c', Buffer.from("', b FROM t -- '")))
      .server(result('1'));
    conversation.client(query('SET NAMES sjis')).server(packet(1, OK));
    conversation.client(queryBytes(Buffer.from("SELECT '"), '955c', Buffer.from("', b"))).server(result('1'));
    const events = conversation.events();
    expect(events[1]).toMatchObject({ statement_raw: "SELECT '誠', b FROM t -- '" });
    expect(events[1]!.statement_masked).toMatch(/^SELECT \?, b FROM t/);
    expect(events[3]).toMatchObject({ statement_raw: "SELECT '表', b", statement_masked: 'SELECT ?, b' });
  });

  it('pitfall 40: takes the character set of the login and shows names and texts beyond ASCII', () => {
    const conversation = new Conversation()
      .login()
      .client(query("SELECT 'naïve 表' FROM `ünïcode`"))
      .server(result('1'));
    expect(conversation.events()).toMatchObject([
      {
        statement_raw: "SELECT 'naïve 表' FROM `ünïcode`",
        statement_masked: 'SELECT ? FROM `ünïcode`',
        tables: ['ünïcode'],
      },
    ]);
  });

  it('pitfall 41: masks what the server reads as literals and nothing else', () => {
    expect(
      maskedOf(
        "SELECT /*!50000 'secret1' */ 1",
        'SELECT 1 --2',
        "SELECT 'it''s secret2', \"a\\\"secret3\"",
        "SELECT x'736563726574', 0x73656372, b'01', _binary 'secret4'",
        `SELECT a FROM t WHERE id IN (${Array.from({ length: 2000 }, (_, i) => i + 1000).join(',')})`,
      ).join('\n'),
    ).not.toMatch(/secret|7365|1000|01'/);
    const [minus, , escapes] = maskedOf('SELECT a --b', 'SELECT 1 # c', "SELECT '\\', b, '");
    expect(minus).toMatch(/b$/);
    expect(escapes).not.toContain('b');
  });

  it('pitfall 41: follows ANSI_QUOTES and NO_BACKSLASH_ESCAPES of the session', () => {
    const conversation = new Conversation().login();
    conversation
      .client(query("SET sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'"))
      .server(packet(1, '00 00 00 0202 0000'));
    conversation.client(query('SELECT "col", \'\\\', b FROM t')).server(packet(1, '00 00 00 0202 0000'));
    expect(conversation.events()[1]!.statement_masked).toBe('SELECT "col", ?, b FROM t');
  });

  it('pitfall 41: masks a statement that was cut inside a literal, to its end', () => {
    const request = query("INSERT INTO t VALUES ('alice', 'secret");
    const conversation = new Conversation()
      .login()
      .client(request.subarray(0, 40))
      .gap(true, request.length - 40);
    const [event] = conversation.server(packet(1, OK)).events();
    expect(event).toMatchObject({ completeness: 'gap' });
    expect(event!.statement_masked).not.toMatch(/alice|sec/);
  });

  it('pitfall 42: hides the secrets of account and replication statements, and ships no auth data of CHANGE_USER', () => {
    const statements = [
      "CREATE USER u IDENTIFIED BY 'hunter2'",
      "ALTER USER u IDENTIFIED WITH mysql_native_password AS '*hunter2'",
      "SET PASSWORD FOR u = 'hunter2'",
      "SET PASSWORD = PASSWORD('hunter2')",
      "CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD='hunter2'",
      "CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD='hunter2'",
      "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD 'hunter2')",
      "GRANT ALL ON *.* TO u IDENTIFIED BY 'hunter2'",
    ];
    expect(maskedOf(...statements).join('\n')).not.toContain('hunter2');
    const change = packet(0, '11', Buffer.from('bob\0'), '14', Buffer.alloc(20, 0x5a), Buffer.from('hr\0'), '2d00');
    const conversation = new Conversation().login(DEFAULT_CAPABILITIES).client(change).server(packet(1, OK));
    expect(Buffer.concat(conversation.end()).includes(Buffer.alloc(4, 0x5a))).toBe(false);
  });
});
