import { describe, expect, it } from 'vitest';
import {
  Conversation,
  DEFAULT_CAPABILITIES,
  greeting,
  loginPacket,
  losses,
  packet,
  query,
  result,
  rows,
} from '../../support/conversation.ts';

/** Each of these runs a statement on a real server; none may hide it. */
const OK = '00 00 00 0200 0000';
const ERR_1047 = 'ff 1704 23 3038533031';
const ERR_1227 = 'ff cb04 23 3432303030';
const INSERT = query('INSERT INTO t VALUES (1)');

const commands = (conversation: Conversation) => conversation.events().map((event) => [event.command, event.status]);

describe('what a client may do to hide a statement', () => {
  it.each([
    ['table_dump', '13'],
    ['clone', '20'],
    ['binlog_dump', '12 04000000 0000 01000000'],
  ])('does not end the audit by a %s that is refused', (name, payload) => {
    const conversation = new Conversation().login().client(packet(0, payload)).server(packet(1, ERR_1227));
    conversation.client(INSERT).server(packet(1, OK));
    expect(commands(conversation)).toEqual([
      [name, 'error'],
      ['query', 'ok'],
    ]);
  });

  it('reads on after a stream that does not wait for more', () => {
    const dump = packet(0, '12 04000000 0100 01000000');
    const conversation = new Conversation()
      .login()
      .client(dump)
      .server(packet(1, '00 010203'), packet(2, 'fe 0000 0200'));
    expect(commands(conversation.client(INSERT).server(packet(1, OK)))).toEqual([
      ['binlog_dump', 'ok'],
      ['query', 'ok'],
    ]);
  });

  it.each([
    ['an unknown command', '50', 'unknown'],
    ['an empty packet', '', 'sleep'],
  ])('sees a statement behind %s in the same segment', (_, payload, name) => {
    const conversation = new Conversation()
      .login()
      .client(packet(0, payload), INSERT)
      .server(packet(1, ERR_1047))
      .server(packet(1, OK));
    expect(commands(conversation)).toEqual([
      [name, 'error'],
      ['query', 'ok'],
    ]);
  });

  it('sees a statement that is sent together with the login', () => {
    const conversation = new Conversation().server(greeting(DEFAULT_CAPABILITIES));
    conversation.client(loginPacket(DEFAULT_CAPABILITIES), INSERT).server(packet(2, OK)).server(packet(1, OK));
    expect(rows(conversation.outputs()).map((row) => [row.command, row.status])).toEqual([
      ['connect', 'ok'],
      ['query', 'ok'],
    ]);
  });

  it('sees a statement that is sent together with the answer to an auth switch of COM_CHANGE_USER', () => {
    const change = packet(0, '11', Buffer.from('bob\0'), '00', Buffer.from('hr\0'));
    const conversation = new Conversation()
      .login()
      .client(change)
      .server(packet(1, 'fe', Buffer.from('mysql_native_password\0salt')));
    conversation
      .client(packet(2, Buffer.alloc(20, 7)), INSERT)
      .server(packet(3, OK))
      .server(packet(1, OK));
    expect(commands(conversation)).toEqual([
      ['change_user', 'ok'],
      ['query', 'ok'],
    ]);
  });

  it("does not take an auth switch for the end of a pipelined COM_CHANGE_USER, nor its answer for another command's", () => {
    const change = packet(0, '11', Buffer.from('root\0'), '00', Buffer.from('hr\0'));
    const conversation = new Conversation().login().client(query('SELECT a FROM t'), change);
    conversation
      .server(result('1'), packet(1, 'fe', Buffer.from('mysql_native_password\0salt')))
      .client(packet(2, Buffer.alloc(20, 7)));
    conversation.server(packet(3, ERR_1227)).client(query('SELECT 1')).server(result('1'));
    const events = conversation.events();
    expect(events.map((event) => [event.command, event.status, event.user_name])).toEqual([
      ['query', 'ok', 'app'],
      ['change_user', 'error', 'root'],
      ['query', 'ok', 'app'],
    ]);
  });

  it('reads the header of a proxy also where the server greets first', () => {
    const header = Buffer.from('PROXY TCP4 203.0.113.7 10.0.0.2 56324 3306\r\n');
    const conversation = new Conversation().server(greeting(DEFAULT_CAPABILITIES)).client(header);
    conversation.client(loginPacket(DEFAULT_CAPABILITIES)).server(packet(2, OK)).client(INSERT).server(packet(1, OK));
    expect(conversation.events()).toMatchObject([{ command: 'query', client_address: '203.0.113.7', status: 'ok' }]);
  });

  it('calls half a login unreadable', () => {
    const conversation = new Conversation()
      .server(greeting(DEFAULT_CAPABILITIES))
      .client(loginPacket(DEFAULT_CAPABILITIES).subarray(0, 50));
    expect(losses(conversation.outputs())).toMatchObject([{ reason: 'unreadable', bytes: 46 }]);
  });

  it('takes no statement for TLS, whatever its length', () => {
    for (let length = 760; length < 800; length++) {
      const text = `SELECT '${'x'.repeat(length - 10)}'`;
      const events = new Conversation({ sawSyn: false }).client(query(text)).server(result('1')).events();
      expect(events, String(length)).toMatchObject([{ command: 'query', returned_rows: 1 }]);
    }
  });

  it('blanks nothing in the later fragments of a statement', () => {
    const text = Buffer.from(
      `SELECT '${'x'.repeat(131_072 - 9)}\x11\0\x20' FROM a; DROP TABLE payroll; SELECT 'y' FROM b`,
    );
    expect(text[131_071]).toBe(0x11);
    const [event] = new Conversation()
      .login()
      .client(packet(0, '03', text))
      .server(packet(1, OK))
      .events();
    expect(event!.statement_masked).toContain('DROP TABLE payroll');
  });

  it('sees inner packets of a compressed connection whatever their number', () => {
    const stored = (plain: Buffer) => {
      const header = Buffer.alloc(7);
      header.writeUIntLE(plain.length, 0, 3);
      return Buffer.concat([header, plain]);
    };
    const conversation = new Conversation().login(DEFAULT_CAPABILITIES | 0x20);
    conversation.client(stored(packet(5, '03', Buffer.from('INSERT INTO t VALUES (1)')))).server(stored(packet(6, OK)));
    expect(commands(conversation)).toEqual([['query', 'ok']]);
  });

  it('recognises an old connection whose client writes header and payload apart', () => {
    const conversation = new Conversation({ sawSyn: false })
      .client(INSERT.subarray(0, 4))
      .client(INSERT.subarray(4))
      .server(packet(1, OK));
    expect(commands(conversation)).toEqual([['query', 'ok']]);
  });
});

describe('responses after a loss', () => {
  it('of a file that was being sent do not hide the commands behind it', () => {
    const load = query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t");
    const conversation = new Conversation()
      .login()
      .client(load)
      .server(packet(1, 'fb', Buffer.from('f')));
    conversation
      .client(packet(2, Buffer.from('1,2')))
      .gap(true, 4)
      .gap(false, 11)
      .client(INSERT)
      .server(packet(1, OK));
    expect(commands(conversation)).toEqual([
      ['query', 'unknown'],
      ['query', 'ok'],
    ]);
  });

  it('of a file whose end was seen do not either', () => {
    const load = query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t");
    const conversation = new Conversation()
      .login()
      .client(load)
      .gap(false, 6)
      .client(packet(2, Buffer.from('1,2')), packet(3));
    conversation.gap(false, 11).client(INSERT).server(packet(1, OK));
    expect(commands(conversation)).toEqual([
      ['query', 'unknown'],
      ['query', 'ok'],
    ]);
  });

  it('are marked where they may belong to another pipelined command, until the client has waited for an answer', () => {
    const conversation = new Conversation().login().client(query('SELECT 1'), query('SELECT 2')).gap(false, 500);
    conversation.client(query('SELECT 3')).server(packet(1, ERR_1227)).server(result('1'));
    conversation.client(query('SELECT 4')).server(result('1'));
    expect(conversation.events().map((event) => [event.statement_raw, event.completeness])).toEqual([
      ['SELECT 1', 'gap'],
      ['SELECT 2', 'gap'],
      ['SELECT 3', 'gap'],
      ['SELECT 4', 'complete'],
    ]);
  });

  it('are marked where a request before them was lost', () => {
    const conversation = new Conversation()
      .login()
      .gap(true, 100)
      .client(query('SELECT 2'))
      .server(packet(1, ERR_1227), result('1'));
    conversation.client(query('SELECT 3')).server(result('1'));
    expect(conversation.events().map((event) => [event.statement_raw, event.completeness])).toEqual([
      ['SELECT 2', 'gap'],
      ['SELECT 3', 'complete'],
    ]);
  });
});
