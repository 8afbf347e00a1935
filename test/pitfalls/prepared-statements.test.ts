import { describe, expect, it } from 'vitest';
import {
  COLUMN,
  Conversation,
  DEFAULT_CAPABILITIES,
  packet,
  query,
  result,
  rows,
  WITHOUT_DEPRECATE_EOF,
} from '../support/conversation.ts';
import { execute, prepare, prepared } from './prepared.ts';

const OK = '00 00 00 0200 0000';
const EOF = 'fe 0000 0200';
const END = 'fe 00 00 0200 0000';
const text = (value: string) => Buffer.from(value);

describe('prepared statements', () => {
  it('pitfall 22: reads bound values of every type exactly, NULL by the bitmap, and remembers types not sent again', () => {
    const conversation = new Conversation().login().client(prepare('CALL p(?,?,?,?,?,?,?,?,?)')).server(prepared(9));
    // bigint unsigned, double, datetime with µs, time with days, tiny unsigned, decimal, NULL, zero date, zero time
    const types = '0880 0500 0c00 0b00 0180 f600 0300 0a00 0b00';
    const values = [
      'ffffffffffffffff',
      '182d4454fb210940',
      '0b e907 0b15 010203 a0860100',
      '0c 01 02000000 010203 a0860100',
    ];
    conversation.client(execute('40 00 01', types, ...values, 'ff', '05 2d312e3530', '00', '00')).server(packet(1, OK));
    conversation.client(execute('40 00 00', ...values, '01', '03 322e35', '00', '00')).server(packet(1, OK));
    const executes = conversation.events().filter(({ command }) => command === 'execute');
    expect(executes[0]!.parameters).toEqual([
      '18446744073709551615',
      Math.PI,
      '2025-11-21 01:02:03.100000',
      '-49:02:03.100000',
      255,
      '-1.50',
      null,
      '0000-00-00',
      '00:00:00',
    ]);
    expect(executes[1]!.parameters?.slice(4)).toEqual([1, '2.5', null, '0000-00-00', '00:00:00']);
  });

  it('pitfall 23: reads two bytes of each type: a SHORT and a LONG behind each other', () => {
    const conversation = new Conversation().login().client(prepare('SELECT ?, ?, ?')).server(prepared(3));
    conversation.client(execute('00 01 0200 0280 0300', 'feff', 'feff', 'feffffff')).server(packet(1, OK));
    expect(conversation.events()[1]).toMatchObject({ parameters: [-2, 65_534, -2] });
  });

  it('pitfall 24: joins SEND_LONG_DATA into the execute, which has no bytes for it, until RESET clears it', () => {
    const conversation = new Conversation().login().client(prepare('INSERT INTO t VALUES (?,?)')).server(prepared(2));
    conversation.client(packet(0, '18 05000000 0100', text('long ')), packet(0, '18 05000000 0100', text('value')));
    conversation.client(execute('00 01 0300 fc00', '07000000')).server(packet(1, OK));
    conversation.client(packet(0, '1a 05000000')).server(packet(1, OK));
    conversation.client(execute('00 01 0300 fc00', '08000000 05', text('short'))).server(packet(1, OK));
    const events = conversation.events();
    expect(events.map(({ command }) => command)).toEqual([
      'prepare',
      'send_long_data',
      'send_long_data',
      'execute',
      'reset',
      'execute',
    ]);
    expect(events.filter(({ command }) => command === 'execute').map(({ parameters }) => parameters)).toEqual([
      [7, 'long value'],
      [8, 'short'],
    ]);
  });

  it('pitfall 25: waits for no response to CLOSE, SEND_LONG_DATA and QUIT, also where they are pipelined', () => {
    const conversation = new Conversation().login().client(prepare('INSERT INTO t VALUES (?)')).server(prepared(1));
    conversation.client(
      packet(0, '1a 05000000'),
      packet(0, '18 05000000 0000', text('x')),
      execute('00 01 fc00'),
      packet(0, '19 05000000'),
      query('SELECT 1'),
      packet(0, '01'),
    );
    conversation.server(packet(1, OK), packet(1, '00 03 00 0200 0000'), result('1'));
    const events = conversation.events();
    expect(
      events
        .filter(({ status }) => status === 'ok')
        .map((event) => [event.command, event.affected_rows, event.returned_rows]),
    ).toEqual([
      ['prepare', 0, 0],
      ['reset', 0, 0],
      ['execute', 3, 0],
      ['query', 0, 1],
    ]);
    expect(
      events
        .filter(({ status }) => status === 'unknown')
        .map(({ command }) => command)
        .sort(),
    ).toEqual(['close', 'quit', 'send_long_data']);
  });

  it.each([
    ['nothing follows', DEFAULT_CAPABILITIES, [packet(1, '00 05000000 0000 0000 00 0000')]],
    [
      'with EOF packets',
      WITHOUT_DEPRECATE_EOF,
      [
        packet(1, '00 05000000 0100 0100 00 0000'),
        packet(2, COLUMN),
        packet(3, EOF),
        packet(4, COLUMN),
        packet(5, EOF),
      ],
    ],
    [
      'columns alone, with EOF',
      WITHOUT_DEPRECATE_EOF,
      [packet(1, '00 05000000 0100 0000 00 0000'), packet(2, COLUMN), packet(3, EOF)],
    ],
    [
      'without EOF packets',
      DEFAULT_CAPABILITIES,
      [packet(1, '00 05000000 0100 0100 00 0000'), packet(2, COLUMN), packet(3, COLUMN)],
    ],
    ['longer, without definitions', DEFAULT_CAPABILITIES | 0x200_0000, [packet(1, '00 05000000 0100 0100 00 0000 00')]],
    [
      'longer, with definitions',
      DEFAULT_CAPABILITIES | 0x200_0000,
      [packet(1, '00 05000000 0100 0100 00 0000 01'), packet(2, COLUMN), packet(3, COLUMN)],
    ],
  ])('pitfall 26: knows where the answer to a prepare ends: %s', (_, capabilities, answer) => {
    const events = new Conversation()
      .login(capabilities)
      .client(prepare('SELECT ?'))
      .server(...answer)
      .client(packet(0, '0e'))
      .server(packet(1, OK))
      .events();
    expect(events.map((event) => [event.command, event.status])).toEqual([
      ['prepare', 'ok'],
      ['ping', 'ok'],
    ]);
    expect(events[0]!.response_bytes).toBe(Buffer.concat(answer).length);
  });

  it('pitfall 27: reads statement id -1 as the one prepared last, pipelined too, and bulk executes', () => {
    const conversation = new Conversation().login();
    conversation
      .client(prepare('SELECT ?'), packet(0, '17 ffffffff 00 01000000 00 01 0300 07000000'))
      .server(prepared(1), packet(1, OK));
    conversation
      .client(packet(0, 'fa 05000000 8000 0300 00 01000000 00 02000000'))
      .server(packet(1, '00 02 00 0200 0000'));
    const [first, second, third] = conversation.events();
    expect([first!.command, second!.command, third!.command]).toEqual(['prepare', 'execute', 'bulk_execute']);
    expect(second).toMatchObject({ statement_raw: 'SELECT ?', completeness: 'complete', status: 'ok' });
    expect(third).toMatchObject({ statement_raw: 'SELECT ?', affected_rows: 2 });
  });

  it("pitfall 27: reads MariaDB's own capabilities in the filler of its greeting, and its version without the prefix", () => {
    const greeting = packet(
      0,
      '0a',
      text('5.5.5-10.11.6-MariaDB\0'),
      '07000000',
      '6162636465666768 00',
      'fef7 2d 0200 ff81 15',
      '00'.repeat(6),
      '1d000000',
      text('ijklmnopqrst\0mysql_native_password\0'),
    );
    // The column count and "no definitions" need cacheMetadata of the second word.
    const login = packet(
      1,
      '84a20b01 00000001 2d',
      '00'.repeat(19),
      '1d000000',
      text('app\0'),
      '14',
      Buffer.alloc(20, 0x5a),
      text('mysql_native_password\0'),
    );
    const conversation = new Conversation()
      .server(greeting)
      .client(login)
      .server(packet(2, OK))
      .client(query('SELECT 1'));
    const outputs = rows(conversation.server(packet(1, '01 00'), packet(2, '0131'), packet(3, END)).outputs());
    expect(outputs).toMatchObject([{ server_version: '10.11.6-MariaDB' }, { returned_rows: 1, status: 'ok' }]);
  });

  it('pitfall 28: counts the rows of a cursor at its FETCH, and ends the EXECUTE at the definitions', () => {
    const conversation = new Conversation().login(WITHOUT_DEPRECATE_EOF).client(prepare('SELECT a'));
    conversation.server(packet(1, '00 05000000 0100 0000 00 0000'), packet(2, COLUMN), packet(3, EOF));
    conversation
      .client(packet(0, '17 05000000 01 01000000'))
      .server(packet(1, '01'), packet(2, COLUMN), packet(3, 'fe 0000 4200'));
    conversation
      .client(packet(0, '1c 05000000 02000000'))
      .server(packet(1, '00 00 0161'), packet(2, '00 00 0162'), packet(3, 'fe 0000 4200'));
    conversation.client(packet(0, '1c 05000000 02000000')).server(packet(1, '00 00 0163'), packet(2, 'fe 0000 8200'));
    expect(conversation.events().map((event) => [event.command, event.returned_rows, event.statement_raw])).toEqual([
      ['prepare', 0, 'SELECT a'],
      ['execute', 0, 'SELECT a'],
      ['fetch', 2, 'SELECT a'],
      ['fetch', 1, 'SELECT a'],
    ]);
  });
});
