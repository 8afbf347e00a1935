import { describe, expect, it } from 'vitest';
import { COLUMN, Conversation, packet, query, result } from '../support/conversation.ts';
import { Wire } from './wire.ts';

const OK = '00 00 00 0200 0000';
const END = 'fe 00 00 0200 0000';
const text = (value: string) => Buffer.from(value);
const prepare = (sql: string) => packet(0, '16', text(sql));

/** A login of libmariadb at MariaDB 10.6 or later: metadata caching agreed. */
function mariadb(): Conversation {
  const word = '1d000000';
  return new Conversation()
    .server(
      packet(
        0,
        '0a',
        text('5.5.5-10.11.6-MariaDB\0'),
        '07000000',
        '6162636465666768 00',
        'fef7 2d 0200 ff81 15',
        '00'.repeat(6),
        word,
        text('ijklmnopqrst\0mysql_native_password\0'),
      ),
    )
    .client(
      packet(
        1,
        '84a20b01 00000001 2d',
        '00'.repeat(19),
        word,
        text('app\0'),
        '14',
        Buffer.alloc(20, 0x5a),
        text('mysql_native_password\0'),
      ),
    )
    .server(packet(2, OK));
}

describe('modern clients', () => {
  it('pitfall 43: reads column counts of two bytes, with and without definitions behind them', () => {
    const conversation = mariadb()
      .client(prepare('SELECT a FROM t'))
      .server(packet(1, '00 05000000 0100 0000 00 0000'), packet(2, COLUMN));
    conversation
      .client(packet(0, '17 05000000 00 01000000'))
      .server(packet(1, '01 01'), packet(2, COLUMN), packet(3, '00 00 0161'), packet(4, END));
    conversation
      .client(packet(0, '17 05000000 00 01000000'))
      .server(packet(1, '01 00'), packet(2, '00 00 0161'), packet(3, '00 00 0162'), packet(4, END));
    conversation
      .client(query('SELECT 1'))
      .server(packet(1, '01 01'), packet(2, COLUMN), packet(3, '0131'), packet(4, END));
    expect(conversation.events().map((event) => [event.command, event.returned_rows, event.status])).toEqual([
      ['prepare', 0, 'ok'],
      ['execute', 1, 'ok'],
      ['execute', 2, 'ok'],
      ['query', 1, 'ok'],
    ]);
  });

  it('pitfall 44: goes on after a prepare of BEGIN or COMMIT, with no columns and no parameters', () => {
    const conversation = mariadb();
    for (const [id, sql] of ['BEGIN', 'COMMIT'].entries()) {
      conversation.client(prepare(sql)).server(packet(1, '00', Buffer.from([id + 1, 0, 0, 0]), '0000 0000 00 0000'));
      conversation.client(packet(0, '17', Buffer.from([id + 1, 0, 0, 0]), '00 01000000')).server(packet(1, OK));
    }
    expect(conversation.events().map((event) => [event.command, event.statement_raw, event.status])).toEqual([
      ['prepare', 'BEGIN', 'ok'],
      ['execute', 'BEGIN', 'ok'],
      ['prepare', 'COMMIT', 'ok'],
      ['execute', 'COMMIT', 'ok'],
    ]);
  });

  it('pitfall 45: reads values whose types came with the first execute only, and those that come with each', () => {
    const conversation = mariadb()
      .client(prepare('SELECT ?'))
      .server(packet(1, '00 05000000 0000 0100 00 0000'), packet(2, COLUMN));
    for (const body of [
      '00 01 0300 01000000',
      '00 00 02000000',
      '00 00 03000000',
      '00 01 fd00 0134',
      '00 00 0135',
      '01 00',
    ])
      conversation.client(packet(0, '17 05000000 00 01000000', body)).server(packet(1, OK));
    const executes = conversation.events().filter(({ command }) => command === 'execute');
    expect(executes.map(({ parameters }) => parameters)).toEqual([[1], [2], [3], ['4'], ['5'], [null]]);
  });

  it('pitfall 46: loses nothing that is under way when the capture ends', () => {
    const wire = new Wire().open().login();
    for (let i = 0; i < 20_000; i++) wire.client(query(`SELECT ${i}`)).server(result('1'));
    const events = wire.client(query('SELECT SLEEP(9)')).events();
    expect(events).toHaveLength(20_001);
    expect(events.slice(0, -1).every(({ status }) => status === 'ok')).toBe(true);
    expect(events.at(-1)).toMatchObject({ statement_raw: 'SELECT SLEEP(9)', status: 'unknown' });
  });
});
