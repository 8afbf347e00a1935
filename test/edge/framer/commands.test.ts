import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { COMMAND_NAME } from '../../../protocol/commands.ts';
import { Conversation, decodeAll, packet, query, result } from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const EOF = 'fe 0000 0200';
/** ERR 1064, 42000, "near 'x'" */
const ERR_1064 = 'ff 2804 23 3432303030 6e656172202778 27';

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
