import { describe, expect, it } from 'vitest';
import { Conversation, packet, query, result } from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';

describe('what networks of the field do', () => {
  // sysbench over loopback, two responses in a row taken out of the capture.
  it('gives no response to the command before it where two in a row were lost', () => {
    const events = new Conversation()
      .login()
      .client(query('SELECT 1'))
      .gap(false, 60)
      .client(query('SELECT 2'))
      .gap(false, 60)
      .client(query('SELECT 3'))
      .server(packet(1, '00 03 00 0200 0000'))
      .client(query('SELECT 4'))
      .server(packet(1, '00 04 00 0200 0000'))
      .events();
    expect(events.map((event) => [event.statement_masked, event.status, event.completeness])).toEqual([
      ['SELECT ?', 'unknown', 'gap'],
      ['SELECT ?', 'unknown', 'gap'],
      ['SELECT ?', 'ok', 'complete'],
      ['SELECT ?', 'ok', 'complete'],
    ]);
    expect(events.map((event) => event.affected_rows)).toEqual([0, 0, 3, 4]);
  });

  it('marks a LOAD DATA LOCAL of whose file bytes were lost', () => {
    const file = Buffer.alloc(1_000, 'x');
    const events = new Conversation()
      .login()
      .client(query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t"))
      .server(packet(1, 'fb', Buffer.from('f')))
      .client(packet(2, file).subarray(0, 500))
      .gap(true, 504)
      .client(packet(3, ''))
      .server(packet(4, OK))
      .client(query('SELECT 1'))
      .server(result('1'))
      .events();
    expect(events.map((event) => [event.command, event.status, event.completeness])).toEqual([
      ['query', 'ok', 'gap'],
      ['query', 'ok', 'complete'],
    ]);
  });

  // mysql2 changeUser; the response before it was taken out of the capture.
  it('follows a change of user behind a response that was lost', () => {
    const events = new Conversation()
      .login()
      .client(query('ROLLBACK'))
      .gap(false, 11)
      .client(packet(0, '11', Buffer.from('second\0'), '00', Buffer.from('shop\0'), '2d00'))
      .server(packet(1, 'fe', Buffer.from('mysql_native_password\0'), '41'.repeat(20), '00'))
      .client(packet(2, '42'.repeat(20)))
      .server(packet(3, OK))
      .client(query('SELECT CURRENT_USER()'))
      .server(result('1'))
      .events();
    expect(events.map((event) => [event.command, event.status, event.user_name])).toEqual([
      ['query', 'unknown', 'app'],
      ['change_user', 'ok', 'second'],
      ['query', 'ok', 'second'],
    ]);
  });
});
