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
} from '../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const SECRET = Buffer.alloc(8, 0x5a);
const text = (value: string) => Buffer.from(value);

function loginWith(capabilities: string, ...rest: (string | Buffer)[]): Buffer {
  return packet(1, capabilities, '00000001 2d', '00'.repeat(23), text('app\0'), ...rest);
}

/** Login, OK and a query. */
function loggedIn(login: Buffer) {
  const conversation = new Conversation().server(greeting(0xffff_f7df)).client(login).server(packet(2, OK));
  const events = rows(conversation.client(query('SELECT 1')).server(result('1')).outputs());
  expect(Buffer.concat(conversation.batches).includes(SECRET)).toBe(false);
  expect(events.map((event) => [event.command, event.status])).toEqual([
    ['connect', 'ok'],
    ['query', 'ok'],
  ]);
  return events[0]!;
}

describe('handshakes', () => {
  it('pitfall 35: finds the end of the auth data by capability, and database, plugin and attributes only where they are flagged', () => {
    // protocol 4.1 alone: NUL-terminated, no database
    expect(loggedIn(loginWith('05a20101', '5a5a5a5a5a5a5a5a5a 00'.replace('05', '05')))).toMatchObject({
      user_name: 'app',
      database_name: '',
    });
    // secureConnection, database
    expect(loggedIn(loginWith('0da20100', '14', Buffer.alloc(20, 0x5a), text('shop\0')))).toMatchObject({
      database_name: 'shop',
    });
    // length-encoded auth data of 300 bytes, database, plugin, attributes of more than 250 bytes
    const attributes = Buffer.concat([
      text('\x0cprogram_name\x04crm1'),
      text('\x03pad'),
      Buffer.from('fc2c01', 'hex'),
      Buffer.alloc(300, 0x62),
    ]);
    const size = Buffer.from([0xfc, attributes.length & 0xff, attributes.length >> 8]);
    const login = loginWith(
      '0da23901',
      'fc2c01',
      Buffer.alloc(300, 0x5a),
      text('shop\0'),
      text('caching_sha2_password\0'),
      size,
      attributes,
    );
    expect(loggedIn(login)).toMatchObject({ user_name: 'app', database_name: 'shop', client_program: 'crm1' });
  });

  it('pitfall 36: reads the login of a client before 4.1', () => {
    const events = rows(
      new Conversation()
        .server(packet(0, '09', text('3.23.58\0'), '07000000', text('abcdefgh\0')))
        .client(packet(1, '0d00 000001', text('old\0'), '5a5a5a5a5a5a5a5a 00', text('shop\0')))
        .server(packet(2, '00 00 00'))
        .client(query('SELECT 1'))
        .server(result('1'))
        .outputs(),
    );
    expect(events).toMatchObject([
      { command: 'connect', user_name: 'old', database_name: 'shop', server_version: '3.23.58', status: 'ok' },
      { statement_raw: 'SELECT 1', user_name: 'old', returned_rows: 1 },
    ]);
  });

  it('pitfall 36: reports an SSLRequest as one connect event and reads nothing encrypted as SQL', () => {
    const outputs = new Conversation()
      .server(greeting(DEFAULT_CAPABILITIES | 0x800))
      .client(packet(1, '0daa0b01 00000001 2d', '00'.repeat(23)))
      .client('16 0301 0005 0100000000')
      .client(query('SELECT 1'))
      .outputs();
    expect(rows(outputs)).toMatchObject([{ command: 'connect', is_tls: true, status: 'unknown' }]);
    expect(losses(outputs)).toMatchObject([{ reason: 'tls', bytes: 10 + 13 }]);
  });

  it.each<[string, [boolean, Buffer][]]>([
    [
      'a switch of the method',
      [
        [false, packet(2, 'fe', text('mysql_native_password\0abcdefghijklmnopqrst\0'))],
        [true, packet(3, Buffer.alloc(20, 0x5a))],
      ],
    ],
    ['caching_sha2_password, fast', [[false, packet(2, '01 03')]]],
    [
      'caching_sha2_password, full',
      [
        [false, packet(2, '01 04')],
        [true, packet(3, '02')],
        [false, packet(4, '01', text('-----BEGIN PUBLIC KEY-----'))],
        [true, packet(5, Buffer.alloc(256, 0x5a))],
      ],
    ],
    [
      'a second factor, announced by the byte of COM_INIT_DB',
      [
        [false, packet(2, '02', text('authentication_ldap\0'), '00')],
        [true, packet(3, '03', text('SELECT password'), SECRET)],
      ],
    ],
    [
      'an empty password',
      [
        [false, packet(2, 'fe', text('mysql_clear_password\0'))],
        [true, packet(3)],
      ],
    ],
  ])('pitfall 37: takes nothing before the final OK for a command: %s', (_, exchange) => {
    const conversation = new Conversation()
      .server(greeting(DEFAULT_CAPABILITIES))
      .client(loginPacket(DEFAULT_CAPABILITIES));
    for (const [fromClient, bytes] of exchange) fromClient ? conversation.client(bytes) : conversation.server(bytes);
    conversation
      .server(packet(exchange.length + 2, OK))
      .client(query('SELECT 1'))
      .server(result('1'));
    expect(rows(conversation.outputs()).map((row) => [row.command, row.statement_raw, row.status])).toEqual([
      ['connect', '', 'ok'],
      ['query', 'SELECT 1', 'ok'],
    ]);
    const shipped = Buffer.concat(conversation.batches);
    expect([shipped.includes(SECRET), shipped.includes('password\0')]).toEqual([false, true]);
    expect(shipped.includes('SELECT password')).toBe(false);
  });

  it('pitfall 38: tells a server that greets with ERR, and reads the upper capabilities of a greeting', () => {
    const blocked = new Conversation().server(
      packet(0, 'ff 6904', text('Host is blocked because of many connection errors')),
    );
    expect(rows(blocked.outputs())).toMatchObject([
      { command: 'connect', status: 'error', error_code: 1129, sql_state: '' },
    ]);
    // Session tracking and deprecated EOF are in the upper half: without it the database and the row would be lost.
    const capabilities = DEFAULT_CAPABILITIES | 0x80_0000;
    const events = new Conversation()
      .login(capabilities)
      .client(query('CALL go()'))
      .server(packet(1, '00 00 00 0240 0000 00 05 01 03 02', text('hr')))
      .client(query('SELECT 1'))
      .server(result('1'))
      .events();
    expect(events[1]).toMatchObject({ database_name: 'hr', returned_rows: 1 });
  });
});
