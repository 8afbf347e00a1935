import { describe, expect, it } from 'vitest';
import { Conversation, packet, query, result } from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const ERR = 'ff 2804 23 3432303030 78';
/** More results follow. */
const OK_MORE = '00 00 00 0a00 0000';
const initDb = (name: string) => packet(0, '02', Buffer.from(name));
const databases = (conversation: Conversation) =>
  conversation.events().map(({ database_name, command }) => `${command} ${database_name}`);

describe('what is known of a session when its bytes are not', () => {
  it('the database as last known after lost bytes of the client, until the next one is told', () => {
    const conversation = new Conversation().login().client(query('SELECT 1')).server(result('1')).gap(true, 60);
    conversation.client(query('SELECT 2')).server(result('1')).client(query('USE b')).server(packet(1, OK));
    conversation.client(query('SELECT 3')).server(result('1'));
    expect(databases(conversation)).toEqual(['query shop', 'query shop', 'query shop', 'query b']);
  });

  it('it stays where the lost bytes are all of one message that began before', () => {
    const long = query(`INSERT INTO t VALUES ('${'x'.repeat(100)}')`);
    const conversation = new Conversation().login().client(query('SET NAMES gbk')).server(packet(1, OK));
    conversation.client(long.subarray(0, 40)).gap(true, 50).client(long.subarray(90)).server(packet(1, OK));
    conversation.client(query('SELECT 2')).server(result('1'));
    const events = conversation.events();
    expect(events.map(({ completeness, database_name }) => [completeness, database_name])).toEqual([
      ['complete', 'shop'],
      ['gap', 'shop'],
      ['complete', 'shop'],
    ]);
  });

  it('a USE that is cut names no database', () => {
    const use = query('USE warehouse');
    const conversation = new Conversation().login().client(use.subarray(0, 12)).gap(true, 3).client(use.subarray(15));
    conversation.server(packet(1, OK)).client(query('SELECT 1')).server(result('1'));
    expect(databases(conversation)).toEqual(['query shop', 'query ']);
  });

  it('several statements whose end is cut may have ended in a USE', () => {
    const texts = query("INSERT INTO t VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaa'); USE b");
    const conversation = new Conversation()
      .login()
      .client(texts.subarray(0, 40))
      .gap(true, texts.length - 40)
      .server(packet(1, OK_MORE));
    conversation.server(packet(2, OK)).client(query('SELECT 1')).server(result('1'));
    expect(databases(conversation)).toEqual(['query shop', 'query ']);
  });

  it('commands sent before a USE was answered run in its database, where it succeeded', () => {
    const conversation = new Conversation().login();
    conversation.client(initDb('b'), query('SELECT 1')).server(packet(1, OK), result('1'));
    conversation.client(query('USE c'), query('SELECT 2')).server(packet(1, OK), result('1'));
    conversation.client(query('USE d'), query('SELECT 3')).server(packet(1, ERR), result('1'));
    expect(databases(conversation)).toEqual(['init_db b', 'query b', 'query b', 'query c', 'query c', 'query c']);
  });

  it('and in none that is known, where its answer was lost', () => {
    const conversation = new Conversation().login().client(query('USE c'), query('SELECT 2'), query('SELECT 3'));
    conversation.gap(false, 11).server(result('1'));
    expect(databases(conversation).slice(1)).toEqual(['query ', 'query ']);
  });

  it('nor is there a user that is known, where the answer to a change of user was lost', () => {
    const changeUser = packet(0, '11', Buffer.from('second\0'), '00', Buffer.from('shop\0'), '2d00');
    const conversation = new Conversation().login().client(changeUser).gap(false, 11);
    conversation.client(query('SELECT 1')).server(result('1')).client(changeUser).server(packet(1, OK));
    const events = conversation.client(query('SELECT 2')).server(result('1')).events();
    expect(events.map((event) => [event.command, event.status, event.user_name, event.user_name_source])).toEqual([
      ['change_user', 'unknown', 'second', 'change_user'],
      ['query', 'ok', '', 'unknown'],
      ['change_user', 'ok', 'second', 'change_user'],
      ['query', 'ok', 'second', 'change_user'],
    ]);
  });

  it('an answer that may be another command’s changes nothing for certain', () => {
    const prepare = (sql: string) => packet(0, '16', Buffer.from(sql));
    const conversation = new Conversation().login();
    // Three at once, and the answers to some of them are lost: the next ones may be of these or of what follows.
    conversation.client(query('SELECT 1'), query('SELECT 2'), query('SELECT 3')).gap(false, 200);
    conversation.client(prepare('DELETE FROM a')).server(packet(1, '00 05000000 0000 0000 00 0000'));
    conversation.client(packet(0, '17 05000000 00 01000000')).server(packet(1, OK));
    const execute = conversation.events().find(({ command }) => command === 'execute')!;
    expect(execute.completeness).toBe('gap');
  });
});
