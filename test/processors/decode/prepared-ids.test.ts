import { describe, expect, it } from 'vitest';
import { Conversation, packet, query } from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const UNKNOWN_HANDLER = 'ff db04 23 4859303030 78';
const prepare = (sql: string) => packet(0, '16', Buffer.from(sql));
const id = (number: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number >>> 0);
  return bytes;
};
const prepared = (number: number) => packet(1, '00', id(number), '0000 0000 00 0000');
const execute = (number: number) => packet(0, '17', id(number), '00 01000000');
/** The server's answer to what the client sends here is not captured. */
const unanswered = (conversation: Conversation, bytes: Buffer) => conversation.client(bytes).gap(false, 12);

/** Completeness and text of each execute. */
function executes(conversation: Conversation) {
  return conversation
    .events()
    .filter(({ command }) => command === 'execute')
    .map(({ completeness, statement_raw }) => [completeness, statement_raw]);
}

describe('ids of prepared statements', () => {
  it('an execute of a statement that is older than the capture says so, and takes no text of another', () => {
    const conversation = new Conversation({ sawSyn: false });
    unanswered(conversation, prepare('DELETE FROM young'));
    conversation.client(execute(1)).server(packet(1, OK));
    expect(executes(conversation)).toEqual([['midstream', '']]);
  });

  it('what is prepared later in such a connection has its text, also where an answer was lost behind it', () => {
    const conversation = new Conversation({ sawSyn: false });
    conversation.client(prepare('DELETE FROM a')).server(prepared(7)).client(execute(7)).server(packet(1, OK));
    unanswered(conversation, prepare('DELETE FROM b'));
    conversation.client(execute(8)).server(packet(1, OK)).client(execute(3)).server(packet(1, OK));
    expect(executes(conversation).map(([, text]) => text)).toEqual(['DELETE FROM a', 'DELETE FROM b', '']);
  });

  it('the only statement without a number is the one of a new number, whatever else took numbers in between', () => {
    const conversation = new Conversation().login().client(prepare('SELECT 1')).server(prepared(1));
    // The statement of SQL takes number 2.
    conversation.client(query("PREPARE p FROM 'SELECT 2'")).server(packet(1, OK));
    unanswered(conversation, prepare('DELETE FROM b'));
    conversation.client(execute(3)).server(packet(1, OK));
    expect(executes(conversation).map(([, text]) => text)).toEqual(['DELETE FROM b']);
  });

  it('a close says that its statement is not known, but not where one is closed twice', () => {
    const close = (number: number) => packet(0, '19', id(number));
    const lost = new Conversation().login().gap(true, 20).client(close(1));
    const twice = new Conversation().login().client(prepare('SELECT 1')).server(prepared(1)).client(close(1), close(1));
    const closes = (conversation: Conversation) =>
      conversation
        .events()
        .filter(({ command }) => command === 'close')
        .map(({ completeness, statement_raw }) => [completeness, statement_raw]);
    expect(closes(lost)).toEqual([['midstream', '']]);
    expect(closes(twice)).toEqual([
      ['complete', 'SELECT 1'],
      ['complete', ''],
    ]);
  });

  it('two answers lost in a row are told by the next number, and by nothing before it', () => {
    const conversation = new Conversation().login().client(prepare('SELECT 1')).server(prepared(1));
    unanswered(conversation, prepare('DELETE FROM b'));
    unanswered(conversation, prepare('DELETE FROM c'));
    conversation.client(execute(3)).server(packet(1, OK));
    conversation.client(prepare('DELETE FROM d')).server(prepared(4));
    for (const number of [2, 3, 4]) conversation.client(execute(number)).server(packet(1, OK));
    expect(executes(conversation).map(([, text]) => text)).toEqual([
      '',
      'DELETE FROM b',
      'DELETE FROM c',
      'DELETE FROM d',
    ]);
  });

  it('they are not told where the numbers do not add up, or where a prepare may have gone unseen', () => {
    const skipped = new Conversation().login().client(prepare('SELECT 1')).server(prepared(1));
    unanswered(skipped, prepare('DELETE FROM b'));
    unanswered(skipped, prepare('DELETE FROM c'));
    skipped.client(prepare('DELETE FROM d')).server(prepared(5));
    for (const number of [2, 3, 4]) skipped.client(execute(number)).server(packet(1, OK));
    const lossy = new Conversation().login().client(prepare('SELECT 1')).server(prepared(1));
    unanswered(lossy, prepare('DELETE FROM b')).gap(true, 40);
    lossy.client(execute(2)).server(packet(1, OK));
    for (const conversation of [skipped, lossy])
      for (const [completeness, text] of executes(conversation)) {
        expect(text).toBe('');
        expect(completeness).not.toBe('complete');
      }
  });

  it('-1 is the statement sent last, also where its answer was lost, and none where another may have been sent', () => {
    const conversation = new Conversation().login().client(prepare('SELECT 1')).server(prepared(1));
    unanswered(conversation, prepare('DELETE FROM b'));
    conversation.client(execute(-1)).server(packet(1, OK));
    conversation.gap(true, 40).client(execute(-1)).server(packet(1, OK));
    expect(executes(conversation).map(([, text]) => text)).toEqual(['DELETE FROM b', '']);
  });

  it('a statement that the server does not know is none that is known here', () => {
    const conversation = new Conversation().login().client(prepare('DELETE FROM a')).server(prepared(1));
    conversation.client(execute(1)).server(packet(1, UNKNOWN_HANDLER));
    expect(executes(conversation)).toEqual([['midstream', '']]);
  });

  it('executes of a text that was cut say so', () => {
    const whole = prepare("DELETE FROM a WHERE b = 'long'");
    const conversation = new Conversation()
      .login()
      .client(whole.subarray(0, 20))
      .gap(true, 6)
      .client(whole.subarray(26));
    conversation.server(prepared(1)).client(execute(1)).server(packet(1, OK));
    expect(executes(conversation)[0]![0]).toBe('gap');
  });
});
