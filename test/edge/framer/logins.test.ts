import { describe, expect, it } from 'vitest';
import { Conversation, losses, packet, query, result, rows } from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
/** ERR 1064, 42000, "near 'x'" */
const ERR_1064 = 'ff 2804 23 3432303030 6e656172202778 27';

describe('logins', () => {
  it('turns a login and its OK into one connect event with user, database and thread id', () => {
    const [event] = rows(new Conversation().login().outputs());
    expect(event).toMatchObject({
      command: 'connect',
      status: 'ok',
      user_name: 'app',
      user_name_source: 'handshake',
      database_name: 'shop',
    });
    expect(event).toMatchObject({
      connection_id: 7,
      server_version: '8.0.36',
      server_id: 'db1',
      client_address: '10.0.0.1',
      client_port: 40_000,
    });
  });

  it('ships no byte of the scramble and of the auth data', () => {
    const shipped = Buffer.concat(new Conversation().login().end());
    expect(shipped.includes(Buffer.alloc(4, 0x5a))).toBe(false);
    expect(shipped.includes('abcdefgh')).toBe(false);
    expect(shipped.includes('ijklmnop')).toBe(false);
    expect(shipped.includes('app')).toBe(true);
  });

  it('swallows an auth exchange of several packets up to the final OK and reads none of it as a command', () => {
    const conversation = new Conversation()
      .server(loginGreeting())
      .client(loginOf('app'))
      .server(packet(2, 'fe', Buffer.from('caching_sha2_password\0salt')))
      .client(packet(3, Buffer.from('\x03secret password\0')))
      .server(packet(4, '01 04'))
      .client(packet(5, '02'))
      .server(packet(6, '01', Buffer.from('-----BEGIN PUBLIC KEY-----')))
      .client(packet(7, Buffer.alloc(256, 0x77)))
      .server(packet(8, OK))
      .client(query('SELECT 1'));
    const outputs = rows(conversation.outputs());
    expect(outputs.map((row) => [row.command, row.statement_raw])).toEqual([
      ['connect', ''],
      ['query', 'SELECT 1'],
    ]);
    expect(Buffer.concat(conversation.batches).includes('secret')).toBe(false);
  });

  it('tells a refused password', () => {
    const conversation = new Conversation()
      .server(loginGreeting())
      .client(loginOf('eve'))
      .server(packet(2, 'ff 1504 23 3238303030', Buffer.from("Access denied for user 'eve'")));
    expect(rows(conversation.outputs())).toMatchObject([
      { command: 'connect', status: 'error', error_code: 1045, sql_state: '28000', user_name: 'eve' },
    ]);
  });

  it('calls nothing lost that comes after a refusal', () => {
    const conversation = new Conversation().server(loginGreeting()).client(loginOf('eve'));
    conversation.server(packet(2, 'ff 1504 23 3238303030')).client(packet(0, '01'));
    expect(losses(conversation.outputs())).toEqual([]);
  });

  it('tells a server that refuses before its greeting, without SQL state', () => {
    const conversation = new Conversation().server(
      packet(0, 'ff 6a04', Buffer.from("Host 'x' is not allowed to connect")),
    );
    expect(rows(conversation.outputs())).toMatchObject([
      { command: 'connect', status: 'error', error_code: 1130, sql_state: '' },
    ]);
  });

  it('reports a connection that goes TLS once and reads nothing behind the SSLRequest', () => {
    const ssl = packet(1, '0daa0b01 00000001 2d', '00'.repeat(23));
    const conversation = new Conversation()
      .server(loginGreeting())
      .client(ssl, '16 0301 0005 0100000000')
      .server('16 0303 0004 02000000')
      .client(query('SELECT 1'));
    const outputs = conversation.outputs();
    expect(rows(outputs)).toMatchObject([{ command: 'connect', is_tls: true, status: 'unknown' }]);
    expect(losses(outputs)).toMatchObject([
      { reason: 'tls', fromClient: true, bytes: 10 + 13 },
      { reason: 'tls', fromClient: false, bytes: 9 },
    ]);
  });

  it('gives commands after COM_CHANGE_USER the new user and database, and ships no auth data', () => {
    const change = packet(
      0,
      '11',
      Buffer.from('bob\0'),
      '14',
      Buffer.alloc(20, 0x5a),
      Buffer.from('hr\0'),
      '2d00',
      Buffer.from('mysql_native_password\0'),
    );
    const conversation = new Conversation()
      .login()
      .client(change)
      .server(packet(1, OK))
      .client(query('SELECT 1'))
      .server(result('1'));
    const events = conversation.events();
    expect(events).toMatchObject([
      { command: 'change_user', user_name: 'bob', status: 'ok' },
      { command: 'query', user_name: 'bob', user_name_source: 'change_user', database_name: 'hr' },
    ]);
    expect(Buffer.concat(conversation.batches).includes(Buffer.alloc(4, 0x5a))).toBe(false);
  });

  it('keeps the old user when COM_CHANGE_USER is refused', () => {
    const change = packet(0, '11', Buffer.from('root\0'), '00', Buffer.from('mysql\0'));
    const events = new Conversation()
      .login()
      .client(change)
      .server(packet(1, ERR_1064))
      .client(query('SELECT 1'))
      .events();
    expect(events[1]).toMatchObject({ command: 'query', user_name: 'app', database_name: 'shop' });
  });
});

function loginGreeting(): Buffer {
  return packet(
    0,
    '0a',
    Buffer.from('8.0.36\0'),
    '07000000',
    '6162636465666768 00',
    '0da2 2d 0200 0f81 15',
    '00'.repeat(10),
    Buffer.from('ijklmnopqrst\0'),
  );
}

function loginOf(user: string): Buffer {
  return packet(
    1,
    '0da20b01 00000001 2d',
    '00'.repeat(23),
    Buffer.from(`${user}\0`),
    '14',
    Buffer.alloc(20, 0x5a),
    Buffer.from('shop\0'),
    Buffer.from('mysql_native_password\0'),
  );
}
