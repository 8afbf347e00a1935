import { describe, expect, it } from 'vitest';
import {
  COLUMN,
  Conversation,
  DEFAULT_CAPABILITIES,
  packet,
  query,
  result,
  WITHOUT_DEPRECATE_EOF,
} from '../support/conversation.ts';
import { execute, prepare, prepared } from './prepared.ts';

const OK = '00 00 00 0200 0000';
const EOF = 'fe 0000 0200';
const ERR = 'ff 2804 23 3432303030 78';
const END = 'fe 00 00 0200 0000';
const text = (value: string) => Buffer.from(value);

describe('commands', () => {
  it('pitfall 21: finds the text behind query attributes, and tells the attributes, in QUERY and in EXECUTE', () => {
    const conversation = new Conversation().login(DEFAULT_CAPABILITIES | 0x800_0000);
    conversation
      .client(packet(0, '03 01 01 00 01 fd00 05', text('trace'), '04', text('abcd'), text('SELECT 1')))
      .server(result('1'));
    conversation.client(packet(0, '03 00 01', text('SELECT 2'))).server(result('1'));
    conversation.client(prepare('SELECT ?')).server(prepared(1));
    conversation
      .client(packet(0, '17 05000000 08 01000000 02 00 01 0300 00 fd00 05', text('trace'), '2a000000 02', text('xy')))
      .server(packet(1, OK));
    expect(conversation.events().filter(({ command }) => command !== 'prepare')).toMatchObject([
      { statement_raw: 'SELECT 1', query_attributes: { trace: 'abcd' } },
      { statement_raw: 'SELECT 2', query_attributes: {} },
      { statement_raw: 'SELECT ?', parameters: [42], query_attributes: { trace: 'xy' } },
    ]);
  });

  it('pitfall 29: shows PREPARE, SET and EXECUTE … USING of the text protocol as the statements they are, values masked', () => {
    const conversation = new Conversation().login();
    for (const sql of ["PREPARE s FROM 'SELECT * FROM t WHERE a = 7'", "SET @v = 'secret'", 'EXECUTE s USING @v'])
      conversation.client(query(sql)).server(packet(1, OK));
    const events = conversation.events();
    expect(events.map(({ command }) => command)).toEqual(['query', 'query', 'query']);
    expect(events[2]!.statement_masked).toBe('EXECUTE s USING @v');
    for (const { statement_masked } of events) expect(statement_masked).not.toMatch(/secret|7/);
  });

  it('pitfall 30: follows the current database through login, USE, INIT_DB, CHANGE_USER and the session track', () => {
    const conversation = new Conversation().login(DEFAULT_CAPABILITIES | 0x80_0000);
    const ask = () => conversation.client(query('SELECT 1')).server(result('1'));
    ask();
    conversation.client(query('USE one')).server(packet(1, OK));
    ask();
    conversation.client(packet(0, '02', text('two'))).server(packet(1, OK));
    ask();
    conversation.client(packet(0, '02', text('missing'))).server(packet(1, ERR));
    ask();
    conversation.client(packet(0, '11', text('bob\0'), '00', text('three\0'), '2d00')).server(packet(1, OK));
    ask();
    conversation.client(query('CALL switch()')).server(packet(1, '00 00 00 0240 0000 00 07 01 05 04', text('four')));
    ask();
    const databases = conversation
      .events()
      .filter(({ statement_raw }) => statement_raw === 'SELECT 1')
      .map(({ database_name }) => database_name);
    expect(databases).toEqual(['shop', 'one', 'two', 'two', 'three', 'four']);
  });

  it('pitfall 31: takes the user of CHANGE_USER and its auth exchange, forgets statements on RESET_CONNECTION and keeps the user', () => {
    const conversation = new Conversation().login();
    conversation.client(
      packet(
        0,
        '11',
        text('bob\0'),
        '14',
        Buffer.alloc(20, 0x5a),
        text('hr\0'),
        '2d00',
        text('mysql_native_password\0'),
      ),
    );
    conversation
      .server(packet(1, 'fe', text('mysql_clear_password\0')))
      .client(packet(2, '03', text('DROP hunter2')))
      .server(packet(3, OK));
    conversation.client(prepare('SELECT ?')).server(prepared(1)).client(packet(0, '1f')).server(packet(1, OK));
    conversation.client(execute('00 01 0300 07000000')).server(packet(1, ERR));
    const events = conversation.events();
    expect(events.map((event) => [event.command, event.user_name, event.statement_raw])).toEqual([
      ['change_user', 'bob', ''],
      ['prepare', 'bob', 'SELECT ?'],
      ['reset_connection', 'bob', ''],
      ['execute', 'bob', ''],
    ]);
    expect(Buffer.concat(conversation.batches).includes('hunter2')).toBe(false);
  });

  it('pitfall 32: reads several statements after SET_OPTION, whatever the login agreed', () => {
    const conversation = new Conversation().login(DEFAULT_CAPABILITIES & ~0x1_0000);
    conversation.client(packet(0, '1b 0000')).server(packet(1, 'fe 00 00 0200 0000'));
    conversation
      .client(query('DELETE FROM t; SELECT 1'))
      .server(packet(1, '00 03 00 0a00 0000'), packet(2, '01'), packet(3, COLUMN), packet(4, '0131'), packet(5, END));
    expect(conversation.events()).toMatchObject([
      { command: 'set_option', status: 'ok' },
      { statement_raw: 'DELETE FROM t; SELECT 1', affected_rows: 3, returned_rows: 1, status: 'ok' },
    ]);
  });

  it.each([
    ['binlog_dump', '12 04000000 0000 01000000 62696e2e31'],
    ['binlog_dump_gtid', '1e 0000 01000000 05000000 62696e2e31 0400000000000000 00000000'],
    ['table_dump', '13 02 6872 01 74'],
  ])('pitfall 33: classifies %s once and skips the stream behind it', (name, hex) => {
    const conversation = new Conversation()
      .login()
      .client(packet(0, '15 01000000 00 00 00 ea0c 00000000 00000000'))
      .server(packet(1, OK));
    conversation.client(packet(0, hex));
    for (let i = 1; i < 300; i++) conversation.server(packet(i, '00', Buffer.alloc(500, 3)));
    expect(conversation.events()).toMatchObject([
      { command: 'register_slave', status: 'ok' },
      { command: name, returned_rows: 0, status: 'unknown' },
    ]);
    expect(Buffer.concat(conversation.batches).length).toBeLessThan(2_000);
  });

  it('pitfall 34: reads the answers of FIELD_LIST, without a count, and of STATISTICS, without a header', () => {
    const conversation = new Conversation().login(WITHOUT_DEPRECATE_EOF);
    conversation
      .client(packet(0, '04', text('t\0')))
      .server(packet(1, COLUMN, 'fb'), packet(2, COLUMN, 'fb'), packet(3, EOF));
    conversation.client(packet(0, '09')).server(packet(1, text('Uptime: 5  Threads: 1')));
    conversation.client(packet(0, '0e')).server(packet(1, OK));
    expect(conversation.events().map((event) => [event.command, event.status])).toEqual([
      ['field_list', 'ok'],
      ['statistics', 'ok'],
      ['ping', 'ok'],
    ]);
  });
});
