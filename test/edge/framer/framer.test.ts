import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND_NAME } from '../../../protocol/commands.ts';
import {
  COLUMN,
  Conversation,
  DEFAULT_CAPABILITIES,
  decodeAll,
  losses,
  packet,
  query,
  result,
  rows,
  WITHOUT_DEPRECATE_EOF,
} from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const EOF = 'fe 0000 0200';
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
    expect(losses(outputs)).toMatchObject([{ reason: 'tls', bytes: 10 + 9 + 13 }]);
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

describe('results', () => {
  it.each([
    [
      'with an OK at the end',
      DEFAULT_CAPABILITIES,
      [packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, 'fb'), packet(5, 'fe 00 00 0200 0300')],
    ],
    [
      'with EOF packets',
      WITHOUT_DEPRECATE_EOF,
      [
        packet(1, '01'),
        packet(2, COLUMN),
        packet(3, EOF),
        packet(4, '0131'),
        packet(5, 'fb'),
        packet(6, 'fe 0300 0200'),
      ],
    ],
  ])('counts rows %s, one of them NULL', (_, capabilities, packets) => {
    const [event] = new Conversation()
      .login(capabilities)
      .client(query('SELECT a'))
      .server(...packets)
      .events();
    expect(event).toMatchObject({
      status: 'ok',
      returned_rows: 2,
      warnings: 3,
      affected_rows: 0,
      completeness: 'complete',
    });
    expect(event!.response_bytes).toBe(Buffer.concat(packets).length);
  });

  it('measures the time to the first row and to the last byte', () => {
    const [event] = new Conversation()
      .login()
      .client(query('SELECT a'))
      .server(packet(1, '01'))
      .server(packet(2, COLUMN))
      .server(packet(3, '0131'))
      .server(packet(4, 'fe 00 00 0200 0000'))
      .events();
    expect(event).toMatchObject({ first_row_us: 3_000, duration_us: 4_000 });
  });

  it('reads affected rows, last insert id beyond 2^53 and warnings of an OK', () => {
    const [event] = new Conversation()
      .login()
      .client(query('INSERT INTO t VALUES (1)'))
      .server(packet(1, '00 fc2c01 fe ffffffffffffffff 2300 0200'))
      .events();
    expect(event).toMatchObject({
      affected_rows: 300,
      last_insert_id: '18446744073709551615',
      warnings: 2,
      in_transaction: true,
      no_index_used: true,
    });
  });

  it('tells an error with its state and a masked message', () => {
    const [event] = new Conversation().login().client(query('SELEC 1')).server(packet(1, ERR_1064)).events();
    expect(event).toMatchObject({ status: 'error', error_code: 1064, sql_state: '42000' });
    expect(event!.error_message_masked).not.toContain("'x'");
  });

  it('tells an error in the middle of a result', () => {
    const [event] = new Conversation()
      .login()
      .client(query('SELECT a'))
      .server(packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, ERR_1064))
      .events();
    expect(event).toMatchObject({ status: 'error', error_code: 1064, returned_rows: 1 });
  });

  it('adds up the results of a statement that has several', () => {
    const first = [packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, 'fe 00 00 0a00 0000')];
    const second = [
      packet(5, '00 02 00 0a00 0000'),
      packet(6, '01'),
      packet(7, COLUMN),
      packet(8, '0131'),
      packet(9, '0132'),
      packet(10, 'fe 00 00 0200 0000'),
    ];
    const events = new Conversation()
      .login()
      .client(query('CALL p()'))
      .server(...first, ...second)
      .client(query('SELECT 1'))
      .server(result('1'))
      .events();
    expect(events).toMatchObject([
      { statement_raw: 'CALL p()', returned_rows: 3, affected_rows: 2, status: 'ok' },
      { statement_raw: 'SELECT 1', returned_rows: 1 },
    ]);
  });

  it('counts the columns of a wide result by their length-encoded number', () => {
    const columns = Array.from({ length: 300 }, (_, i) => packet(2 + i, COLUMN));
    const [event] = new Conversation()
      .login()
      .client(query('SELECT *'))
      .server(packet(1, 'fc 2c01'), ...columns, packet(46, 'fb'), packet(47, 'fe 00 00 0200 0000'))
      .events();
    expect(event).toMatchObject({ returned_rows: 1, status: 'ok' });
  });

  it('ends a LOCAL INFILE by the answer of the server, where the end of the file was lost', () => {
    const conversation = new Conversation().login().client(query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t"));
    conversation.server(packet(1, 'fb', Buffer.from('f'))).client(packet(2, Buffer.from('1,2')));
    conversation.gap(true, 4).server(packet(4, '00 01 00 0200 0000')).client(query('SELECT 1')).server(result('1'));
    expect(conversation.events()).toMatchObject([
      { affected_rows: 1, status: 'ok' },
      { statement_raw: 'SELECT 1', returned_rows: 1 },
    ]);
  });

  it('does not take the bytes of a LOCAL INFILE for commands', () => {
    const events = new Conversation()
      .login()
      .client(query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t"))
      .server(packet(1, 'fb', Buffer.from('f')))
      .client(packet(2, '03', Buffer.from('DROP TABLE t')))
      .client(packet(3))
      .server(packet(4, '00 01 00 0200 0000'))
      .client(query('SELECT 1'))
      .server(result('1'))
      .events();
    expect(events.map((event) => event.statement_raw)).toEqual(["LOAD DATA LOCAL INFILE 'f' INTO TABLE t", 'SELECT 1']);
    expect(events[0]).toMatchObject({ affected_rows: 1, status: 'ok' });
  });
});

describe('prepared statements', () => {
  const prepare = packet(0, '16', Buffer.from('SELECT a FROM t WHERE b = ? AND c = ?'));
  const prepareOk = '00 05000000 0100 0200 00 0000';
  const parameter = COLUMN;
  const execute = (types: string, values: string) => packet(0, '17 05000000 00 01000000 00', types, values);

  it.each([
    [
      'without EOF packets',
      DEFAULT_CAPABILITIES,
      [packet(1, prepareOk), packet(2, parameter), packet(3, parameter), packet(4, COLUMN)],
    ],
    [
      'with EOF packets',
      WITHOUT_DEPRECATE_EOF,
      [
        packet(1, prepareOk),
        packet(2, parameter),
        packet(3, parameter),
        packet(4, EOF),
        packet(5, COLUMN),
        packet(6, EOF),
      ],
    ],
  ])('links an execute to the text of its prepare, %s', (_, capabilities, answer) => {
    const conversation = new Conversation()
      .login(capabilities)
      .client(prepare)
      .server(...answer);
    conversation.client(execute('01 0300 fd00', '2a000000 03616263')).server(packet(1, ERR_1064));
    conversation.client(packet(0, '19 05000000')).client(query('SELECT 1'));
    const events = conversation.events();
    expect(events.map((event) => [event.command, event.status])).toEqual([
      ['prepare', 'ok'],
      ['execute', 'error'],
      ['close', 'unknown'],
      ['query', 'unknown'],
    ]);
    expect(events[1]).toMatchObject({
      statement_raw: 'SELECT a FROM t WHERE b = ? AND c = ?',
      parameters: [42, 'abc'],
    });
    expect(events[1]!.statement_digest).toBe(events[0]!.statement_digest);
  });

  it('remembers the types of an execute that sends them no more', () => {
    const conversation = new Conversation()
      .login()
      .client(prepare)
      .server(packet(1, prepareOk), packet(2, parameter), packet(3, parameter), packet(4, COLUMN));
    conversation.client(execute('01 0380 0c00', 'ffffffff 07 e907 0b 15 01 02 03')).server(packet(1, OK));
    conversation.client(execute('00', '01000000 04 e907 0b 15')).server(packet(1, OK));
    expect(conversation.events().filter((event) => event.command === 'execute')).toMatchObject([
      { parameters: [4294967295, '2025-11-21 01:02:03'] },
      { parameters: [1, '2025-11-21 00:00:00'] },
    ]);
  });

  it('says midstream of an execute whose prepare it did not see, and guesses no text', () => {
    const [event] = new Conversation()
      .login()
      .client(execute('01 0300 fd00', '2a000000 03616263'))
      .server(packet(1, OK))
      .events();
    expect(event).toMatchObject({
      command: 'execute',
      statement_raw: '',
      statement_masked: '',
      completeness: 'midstream',
      status: 'ok',
    });
  });

  it('links an execute that was sent before its prepare was answered (statement id -1)', () => {
    const early = packet(0, '17 ffffffff 00 01000000 00 01 0300 fd00', '2a000000 03616263');
    const other = packet(0, '16', Buffer.from('DO 1'));
    const conversation = new Conversation().login().client(other).server(packet(1, '00 04000000 0000 0000 00 0000'));
    conversation
      .client(prepare, early)
      .server(packet(1, prepareOk), packet(2, parameter), packet(3, parameter), packet(4, COLUMN));
    conversation.server(packet(1, OK));
    expect(conversation.events().at(-1)).toMatchObject({
      command: 'execute',
      statement_raw: 'SELECT a FROM t WHERE b = ? AND c = ?',
      parameters: [42, 'abc'],
      status: 'ok',
      completeness: 'complete',
    });
  });

  it('reads the rows of a bulk execute, where a value may be missing', () => {
    const conversation = new Conversation().login().client(prepare);
    conversation.server(packet(1, prepareOk), packet(2, parameter), packet(3, parameter), packet(4, COLUMN));
    const bulk = packet(0, 'fa 05000000 8000 0300 fd00', '00 01000000 00 0161', '00 02000000 01');
    conversation.client(bulk).server(packet(1, '00 02 00 0200 0000'));
    expect(conversation.events().at(-1)).toMatchObject({
      command: 'bulk_execute',
      statement_raw: 'SELECT a FROM t WHERE b = ? AND c = ?',
      parameters: [
        [1, 'a'],
        [2, null],
      ],
      affected_rows: 2,
    });
  });

  it("links an execute whose PREPARE_OK was lost, as its id is the next in the server's counting", () => {
    const conversation = new Conversation().login().client(prepare).gap(false, 60);
    conversation.client(packet(0, '17 01000000 00 01000000')).server(packet(1, OK));
    conversation.client(packet(0, '17 09000000 00 01000000')).server(packet(1, OK));
    expect(conversation.events()).toMatchObject([
      { command: 'prepare', status: 'unknown', completeness: 'gap' },
      { command: 'execute', statement_raw: 'SELECT a FROM t WHERE b = ? AND c = ?', status: 'ok' },
      { command: 'execute', statement_raw: '', completeness: 'midstream' },
    ]);
  });

  it('does not where another PREPARE may have been lost too', () => {
    const conversation = new Conversation().login().gap(true, 80).client(prepare).gap(false, 60);
    conversation.client(packet(0, '17 01000000 00 01000000')).server(packet(1, OK));
    expect(conversation.events().at(-1)).toMatchObject({
      command: 'execute',
      statement_raw: '',
      completeness: 'gap',
    });
  });

  it('ends a response where a cursor was opened: its rows come by fetch', () => {
    const conversation = new Conversation()
      .login(WITHOUT_DEPRECATE_EOF)
      .client(prepare)
      .server(packet(1, '00 05000000 0100 0000 00 0000'), packet(2, COLUMN), packet(3, EOF));
    conversation
      .client(packet(0, '17 05000000 01 01000000'))
      .server(packet(1, '01'), packet(2, COLUMN), packet(3, 'fe 0000 4200'));
    conversation
      .client(packet(0, '1c 05000000 02000000'))
      .server(packet(1, '00 00 0161'), packet(2, '00 00 0162'), packet(3, 'fe 0000 8200'));
    expect(conversation.events().map((event) => [event.command, event.returned_rows])).toEqual([
      ['prepare', 0],
      ['execute', 0],
      ['fetch', 2],
    ]);
  });
});

describe('other commands', () => {
  it.each([
    ['ping', '0e', OK],
    ['statistics', '09', Buffer.from('Uptime: 1')],
    ['init_db', '02 6872', OK],
    ['reset_connection', '1f', OK],
    ['set_option', '1b 0000', EOF],
    ['process_kill', '0c 07000000', OK],
    ['debug', '0d', EOF],
  ] as const)('names %s and pairs it with its one packet', (name, request, response) => {
    const events = new Conversation()
      .login()
      .client(packet(0, request))
      .server(packet(1, response))
      .client(query('SELECT 1'))
      .server(result('1'))
      .events();
    expect(events).toMatchObject([
      { command: name, status: 'ok' },
      { command: 'query', returned_rows: 1 },
    ]);
  });

  it('names every command of the protocol', () => {
    for (const [code, name] of COMMAND_NAME.entries()) {
      if (name === '') continue;
      const [event] = new Conversation()
        .login()
        .client(packet(0, Buffer.from([code]), '00'.repeat(20)))
        .events();
      expect(event?.command).toBe(name);
    }
  });

  it('skips a binlog stream until the connection ends', () => {
    const conversation = new Conversation()
      .login()
      .client(packet(0, '12 04000000 0000 01000000', Buffer.from('bin.000001')));
    for (let i = 1; i < 50; i++) conversation.server(packet(i, '00', Buffer.alloc(100, 3)));
    expect(conversation.events()).toMatchObject([{ command: 'binlog_dump', status: 'unknown', returned_rows: 0 }]);
  });

  it('follows the current database through USE, also quoted', () => {
    const conversation = new Conversation().login();
    conversation.client(query('USE `odd``name`')).server(packet(1, OK)).client(query('SELECT 1')).server(result('1'));
    conversation.client(query('use missing')).server(packet(1, ERR_1064)).client(query('SELECT 2')).server(result('2'));
    expect(conversation.events().map((event) => event.database_name)).toEqual([
      'shop',
      'odd`name',
      'odd`name',
      'odd`name',
    ]);
  });

  it('pairs pipelined commands with their responses in order', () => {
    const conversation = new Conversation().login().client(query('SELECT 1'), packet(0, '0e'), query('SELECT 2'));
    conversation.server(result('1')).server(packet(1, OK), result('2', '3'));
    expect(conversation.events().map((event) => [event.command, event.returned_rows])).toEqual([
      ['query', 1],
      ['ping', 0],
      ['query', 2],
    ]);
  });
});

describe('size', () => {
  it('joins a statement of many fragments to the whole text', () => {
    const text = `SELECT '${'x'.repeat(400_000)}'`;
    const [event] = new Conversation().login().client(query(text)).server(result('1')).events();
    expect(event!.statement_raw).toBe(text);
    expect(event).toMatchObject({
      statement_bytes: text.length,
      completeness: 'complete',
      statement_masked: 'SELECT ?',
    });
  });

  it('joins packets of 16 MiB to one statement', () => {
    const text = `SELECT '${'x'.repeat(0xff_ffff + 1000)}'`;
    const payload = Buffer.concat([Buffer.from([3]), Buffer.from(text)]);
    const conversation = new Conversation().login();
    conversation.client(packet(0, payload.subarray(0, 0xff_ffff)), packet(1, payload.subarray(0xff_ffff)));
    const [event] = conversation.server(packet(2, OK)).events();
    expect(event).toMatchObject({ statement_bytes: text.length, completeness: 'complete', status: 'ok' });
    expect(event!.statement_raw).toHaveLength(text.length);
  });

  it('cuts a statement beyond the limit, says so and keeps its true length and hash', () => {
    const conversation = new Conversation().login();
    const chunk = Buffer.alloc(0xff_ffff, 0x61);
    for (let i = 0; i < 5; i++)
      conversation.client(packet(i, i === 0 ? Buffer.concat([Buffer.from('\x03SELECT '), chunk.subarray(8)]) : chunk));
    conversation.client(packet(5, Buffer.from('end')));
    const [event] = decodeAll(conversation.server(packet(6, OK)).end()).slice(1);
    const whole = createHash('sha256').update('SELECT ').update(chunk.subarray(8));
    for (let i = 1; i < 5; i++) whole.update(chunk);
    const statementHash = whole.update('end').digest('hex');
    const statementBytes = 5 * 0xff_ffff + 3 - 1;
    expect(event).toMatchObject({ completeness: 'truncated', statementBytes, statementHash, status: 'ok' });
  });
});

describe('connections older than the capture', () => {
  it.each([
    ['that use EOF packets', [packet(1, '01'), packet(2, COLUMN), packet(3, EOF), packet(4, '0131'), packet(5, EOF)]],
    ['that do not', [packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, 'fe 00 00 0200 0000')]],
    ['that send no column definitions', [packet(1, '01 00'), packet(2, '0131'), packet(3, 'fe 00 00 0200 0000')]],
  ])('are recognised at their first command: %s', (_, response) => {
    const conversation = new Conversation({ sawSyn: false }).server(packet(9, '0131'), packet(10, EOF));
    conversation
      .client(query('SELECT 1'))
      .server(...response)
      .client(query('SELECT 2'))
      .server(...response);
    expect(conversation.events()).toMatchObject([
      {
        statement_raw: 'SELECT 1',
        returned_rows: 1,
        completeness: 'midstream',
        user_name: '',
        user_name_source: 'unknown',
      },
      { statement_raw: 'SELECT 2', returned_rows: 1, completeness: 'midstream' },
    ]);
  });

  it('are not seen in bytes that are no command', () => {
    const conversation = new Conversation({ sawSyn: false })
      .client('474554202f20485454502f312e310d0a')
      .server('485454502f312e3120323030204f4b0d0a');
    const outputs = conversation.outputs();
    expect(rows(outputs)).toEqual([]);
    expect(losses(outputs)).toMatchObject([{ reason: 'unreadable', bytes: 33 }]);
  });
});

describe('loss', () => {
  it('marks a statement whose end was lost and goes on with the next', () => {
    const conversation = new Conversation().login();
    const request = query("INSERT INTO t VALUES ('alice', 'bob')");
    conversation
      .client(request.subarray(0, 30))
      .gap(true, request.length - 30)
      .server(packet(1, OK))
      .client(query('SELECT 1'))
      .server(result('1'));
    expect(conversation.events()).toMatchObject([
      { completeness: 'gap', status: 'ok', statement_bytes: request.length - 5 },
      { completeness: 'complete', statement_raw: 'SELECT 1', returned_rows: 1 },
    ]);
  });

  it('tells where bytes were lost and how many', () => {
    const outputs = new Conversation().login().client(query('SELECT 1')).gap(false, 500).outputs();
    const [loss] = losses(outputs);
    expect(loss).toMatchObject({ reason: 'gap', fromClient: false, bytes: 500 });
    expect(loss!.fromByte).toBeGreaterThan(0);
  });

  it('counts on where a gap lies within one row', () => {
    const long = Buffer.alloc(240, 0x61);
    const row = packet(3, 'f0', long);
    const conversation = new Conversation()
      .login()
      .client(query('SELECT a'))
      .server(packet(1, '01'), packet(2, COLUMN), row.subarray(0, 100));
    conversation.gap(false, 100).server(row.subarray(200), packet(4, '0162'), packet(5, 'fe 00 00 0200 0000'));
    expect(conversation.events()).toMatchObject([{ returned_rows: 2, status: 'ok', completeness: 'gap' }]);
  });

  it('leaves a response unknown when its place in the stream is lost, and pairs the next command right', () => {
    const conversation = new Conversation()
      .login()
      .client(query('SELECT a'))
      .server(packet(1, '01'), packet(2, COLUMN));
    conversation
      .gap(false, 1000)
      .server(packet(1, OK), packet(77, '0161'))
      .client(query('SELECT b'))
      .server(result('1'));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT a', status: 'unknown', completeness: 'gap' },
      { statement_raw: 'SELECT b', status: 'ok', returned_rows: 1, completeness: 'complete' },
    ]);
  });

  it('goes on as with an old connection when the login was lost', () => {
    const conversation = new Conversation()
      .gap(false, 90)
      .client(loginOf('app'))
      .server(packet(2, OK))
      .client(query('SELECT 1'))
      .server(result('1'));
    expect(conversation.events()).toMatchObject([{ statement_raw: 'SELECT 1', user_name: 'app', returned_rows: 1 }]);
  });
});

describe('compressed connections', () => {
  const COMPRESS = DEFAULT_CAPABILITIES | 0x20;
  const frame = (sequenceId: number, plain: Buffer, isStored = false): Buffer => {
    const payload = isStored ? plain : deflateSync(plain);
    const header = Buffer.alloc(7);
    header.writeUIntLE(payload.length, 0, 3);
    header[3] = sequenceId;
    header.writeUIntLE(isStored ? 0 : plain.length, 4, 3);
    return Buffer.concat([header, payload]);
  };

  it('are read whether frames are compressed or stored, and where a packet goes over two frames', () => {
    const long = query(`SELECT '${'x'.repeat(200)}'`);
    const conversation = new Conversation().login(COMPRESS);
    conversation.client(frame(0, query('SELECT 1'), true)).server(frame(1, result('1')));
    conversation
      .client(frame(0, long.subarray(0, 100)), frame(1, long.subarray(100)))
      .server(frame(1, result('1', '2')));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT 1', returned_rows: 1 },
      { statement_masked: 'SELECT ?', returned_rows: 2, statement_bytes: 209 },
    ]);
  });

  it('are read where they are compressed with zstd', () => {
    // zstd -3 of a COM_QUERY packet of 58 bytes
    const zstd = '28b52ffd0458cd000098360000000353454c45435420277a73746420270100a02c61b9f347c0';
    const header = Buffer.alloc(7);
    header.writeUIntLE(zstd.length / 2, 0, 3);
    header.writeUIntLE(58, 4, 3);
    const conversation = new Conversation().login(DEFAULT_CAPABILITIES | 0x400_0000);
    conversation.client(header, zstd).server(frame(1, result('1'), true));
    const text = "SELECT 'zstd zstd zstd zstd zstd zstd zstd zstd zstd'";
    expect(conversation.events()).toMatchObject([{ statement_raw: text, returned_rows: 1 }]);
  });

  it('are recognised without their login', () => {
    const conversation = new Conversation({ sawSyn: false })
      .client(frame(0, query('SELECT 1'), true))
      .server(frame(1, result('1')));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT 1', returned_rows: 1, completeness: 'midstream' },
    ]);
  });

  it('lose the commands of a frame that is damaged, and go on with the next', () => {
    const broken = frame(1, result('1', '2', '3'));
    broken[20]! ^= 0xff;
    const conversation = new Conversation().login(COMPRESS);
    conversation
      .client(frame(0, query('SELECT 1')))
      .server(broken)
      .client(frame(0, query('SELECT 2')))
      .server(frame(1, result('1')));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT 1', status: 'unknown' },
      { statement_raw: 'SELECT 2', status: 'ok', returned_rows: 1 },
    ]);
  });

  it('are not taken to be compressed from eight bytes that end there', () => {
    const outputs = new Conversation({ sawSyn: false }).client('01000005 010000 78').outputs();
    expect(losses(outputs)).toMatchObject([{ reason: 'unreadable', bytes: 8 }]);
  });
});

describe('any bytes', () => {
  const story = (): Conversation => {
    const conversation = new Conversation().login(WITHOUT_DEPRECATE_EOF);
    return conversation;
  };
  const requests = [
    query('SELECT 1'),
    packet(0, '16', Buffer.from('SELECT ?')),
    query("INSERT INTO t VALUES ('x')"),
    packet(0, '0e'),
    packet(0, '01'),
  ];
  const responses = [
    Buffer.concat([packet(1, '01'), packet(2, COLUMN), packet(3, EOF), packet(4, '0131'), packet(5, EOF)]),
    Buffer.concat([
      packet(1, '00 05000000 0100 0100 00 0000'),
      packet(2, COLUMN),
      packet(3, EOF),
      packet(4, COLUMN),
      packet(5, EOF),
    ]),
    packet(1, ERR_1064),
    packet(1, OK),
    Buffer.alloc(0),
  ];
  const withoutTimes = (events: ReturnType<Conversation['events']>) =>
    events.map(({ event_time: _, duration_us: __, first_row_us: ___, ...row }) => row);

  it('gives the same events wherever the segments are cut', () => {
    const whole = story();
    for (const [i, request] of requests.entries()) whole.client(request).server(responses[i]!);
    const expected = withoutTimes(whole.events());
    expect(expected).toHaveLength(5);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const cut = story();
        let turn = 0;
        const pieces = (bytes: Buffer, send: (piece: Buffer) => void) => {
          for (let at = 0; at < bytes.length; ) {
            const size = sizes[turn++ % sizes.length]!;
            send(bytes.subarray(at, at + size));
            at += size;
          }
        };
        for (const [i, request] of requests.entries()) {
          pieces(request, (piece) => cut.client(piece));
          pieces(responses[i]!, (piece) => cut.server(piece));
        }
        expect(withoutTimes(cut.events())).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('never throws, whatever comes from either side and whatever is missing', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('data' as const),
        fromClient: fc.boolean(),
        bytes: fc.uint8Array({ maxLength: 60 }),
      }),
      fc.record({
        kind: fc.constant('packet' as const),
        fromClient: fc.boolean(),
        bytes: fc.uint8Array({ maxLength: 60 }),
      }),
      fc.record({
        kind: fc.constant('gap' as const),
        fromClient: fc.boolean(),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
      }),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.array(step, { maxLength: 40 }), (sawSyn, loggedIn, steps) => {
        const conversation = new Conversation({ sawSyn });
        if (loggedIn) conversation.login();
        for (const { kind, fromClient, bytes } of steps) {
          const data = kind === 'packet' ? packet(fromClient ? 0 : 1, Buffer.from(bytes)) : Buffer.from(bytes);
          if (kind === 'gap') conversation.gap(fromClient, data.length);
          else if (fromClient) conversation.client(data);
          else conversation.server(data);
        }
        expect(conversation.outputs().length).toBeGreaterThanOrEqual(loggedIn ? 1 : 0);
      }),
      { numRuns: 2_000 },
    );
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
