import { describe, expect, it } from 'vitest';
import { compressedFrame } from '../../fuzz/compressed-frame.ts';
import {
  Conversation,
  DEFAULT_CAPABILITIES,
  greeting,
  loginPacket,
  packet,
  query,
  result,
} from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const affected = (count: string) => packet(1, `00 ${count} 00 0200 0000`);
const COMPRESS = DEFAULT_CAPABILITIES | 0x20;
const client = (sequenceId: number, plain: Buffer) => compressedFrame(sequenceId, plain, true);

describe('an answer that was lost', () => {
  it('with the end of its request is not looked for in the answer to the next one', () => {
    const long = query(`SELECT '${'x'.repeat(100)}'`);
    const events = new Conversation()
      .login()
      .client(long.subarray(0, 60))
      // The answer went by before the capture knew that the request had ended.
      .gap(false, 80)
      .gap(true, long.length - 60)
      .client(query('UPDATE a SET b = 1'))
      .server(affected('01'))
      .client(query('UPDATE a SET b = 2'))
      .server(affected('02'))
      .events();
    expect(events.map((event) => [event.status, event.completeness, event.affected_rows])).toEqual([
      ['unknown', 'gap', 0],
      ['ok', 'complete', 1],
      ['ok', 'complete', 2],
    ]);
  });

  it('is not thought of where nothing of the server was lost, in an old connection either', () => {
    const conversation = new Conversation({ sawSyn: false }).client(query('UPDATE a SET b = 1').subarray(0, 11));
    conversation.gap(true, 2_885).server(affected('01'));
    expect(conversation.events()).toMatchObject([{ statement_raw: 'UPDATE', status: 'ok', completeness: 'gap' }]);
  });

  it('among those to several commands marks what may be shifted by it', () => {
    const conversation = new Conversation().login().client(query('SELECT 0')).gap(false, 60);
    conversation.client(query('UPDATE a SET b = 1'), query('UPDATE a SET b = 2'), query('UPDATE a SET b = 3'));
    // The first of their answers is in a segment whose beginning is no packet's.
    conversation.server('0000 00', affected('01')).server(affected('02')).server(affected('03'));
    conversation.client(query('UPDATE a SET b = 4')).server(affected('04'));
    conversation.client(query('UPDATE a SET b = 5')).server(affected('05'));
    const events = conversation.events().slice(1);
    expect(events.map((event) => [event.status, event.completeness, event.affected_rows])).toEqual([
      ['ok', 'gap', 2],
      ['ok', 'gap', 3],
      ['unknown', 'complete', 0],
      ['ok', 'gap', 4],
      ['ok', 'complete', 5],
    ]);
  });

  it('to a command that was lost before it marks the answer of the one that was seen', () => {
    const lost = query('UPDATE a SET b = 1');
    const inLogin = new Conversation().server(greeting(DEFAULT_CAPABILITIES)).client(loginPacket(DEFAULT_CAPABILITIES));
    inLogin.gap(false, 11).gap(true, lost.length);
    const behindAnother = new Conversation().login().gap(true, query('SELECT 0').length).server(result('1'));
    behindAnother.gap(true, lost.length);
    for (const conversation of [inLogin, behindAnother]) {
      conversation.client(query('UPDATE a SET b = 2')).server(affected('01'), affected('02'));
      expect(conversation.events()).toMatchObject([{ affected_rows: 1, completeness: 'gap' }]);
    }
  });

  it('costs a client that waits for each answer no command but those touched', () => {
    const conversation = new Conversation()
      .login()
      .client(query('SELECT 1').subarray(0, 8))
      .gap(false, 200)
      .gap(true, 200);
    for (const count of ['01', '02', '03'])
      conversation.client(query(`UPDATE a SET b = ${Number(count)}`)).server(affected(count));
    const events = conversation.events();
    expect(events.map((event) => [event.statement_raw, event.status, event.affected_rows])).toEqual([
      ['SEL', 'unknown', 0],
      ['UPDATE a SET b = 1', 'ok', 1],
      ['UPDATE a SET b = 2', 'ok', 2],
      ['UPDATE a SET b = 3', 'ok', 3],
    ]);
  });

  it('that asked for a file makes no commands of the file, in compressed frames either', () => {
    const events = new Conversation()
      .login(COMPRESS)
      .client(client(0, query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t")))
      .gap(false, 13)
      .client(client(2, packet(2, '03', Buffer.from('DROP TABLE t'))))
      .client(client(3, packet(3)))
      .server(client(4, packet(4, OK)))
      .client(client(0, query('SELECT 1')))
      .server(client(1, result('1')))
      .events();
    expect(events.map((event) => [event.command, event.status, event.completeness])).toEqual([
      ['query', 'unknown', 'gap'],
      ['query', 'ok', 'complete'],
    ]);
  });

  it('nor of a file whose request was lost, where a piece of it looks like one', () => {
    const events = new Conversation()
      .login(COMPRESS)
      .gap(true, 50)
      .server(client(1, packet(1, 'fb', Buffer.from('f'))));
    const file = packet(2, query('DROP TABLE t'));
    events.client(client(2, file.subarray(0, 4)), client(3, file.subarray(4))).client(client(4, packet(3)));
    events
      .server(client(5, packet(4, OK)))
      .client(client(0, query('SELECT 1')))
      .server(client(1, result('1')));
    expect(events.events()).toMatchObject([{ statement_raw: 'SELECT 1', status: 'ok' }]);
  });

  it('that asked for a password makes no command of the password, in compressed frames either', () => {
    const batches = new Conversation()
      .login(COMPRESS)
      .client(client(0, packet(0, '11', Buffer.from('second\0'), '00', Buffer.from('shop\0'), '2d00')))
      .gap(false, 51)
      .client(client(2, packet(2, '03', Buffer.from('secret of second'))))
      .server(client(3, packet(3, OK)))
      .client(client(0, query('SELECT 1')))
      .server(client(1, result('1')))
      .end();
    expect(batches.some((batch) => batch.includes('secret of second'))).toBe(false);
  });

  it('in a frame that goes over two segments is not taken from the next command', () => {
    const events = new Conversation()
      .login(COMPRESS)
      .client(client(0, query('SELECT 0')))
      .gap(false, 13);
    const answer = client(1, affected('01'));
    events
      .client(client(0, query('UPDATE a SET b = 1')))
      .server(answer.subarray(0, 12))
      .server(answer.subarray(12));
    for (const count of ['02', '03'])
      events.client(client(0, query(`UPDATE a SET b = ${Number(count)}`))).server(client(1, affected(count)));
    expect(events.events().map((event) => [event.status, event.affected_rows])).toEqual([
      ['unknown', 0],
      ['unknown', 0],
      ['ok', 2],
      ['ok', 3],
    ]);
  });

  it('to a command that could not be read marks the answer of the next', () => {
    const lost = query('UPDATE a SET b = 1');
    const plain = new Conversation().login().gap(true, 9).client(lost.subarray(9));
    plain.client(query('UPDATE a SET b = 2')).server(affected('01'), affected('02'));
    // The server has spoken since the gap, and a packet's header goes over two frames.
    const framed = new Conversation()
      .login(COMPRESS)
      .gap(true, 20)
      .server(client(1, affected('00')));
    framed.client(client(0, lost.subarray(0, 3)), client(1, lost.subarray(3)));
    framed.client(client(0, query('UPDATE a SET b = 2'))).server(client(1, affected('01')), client(1, affected('02')));
    for (const conversation of [plain, framed])
      expect(conversation.events()).toMatchObject([{ affected_rows: 1, completeness: 'gap' }]);
  });

  it('behind those to earlier results of its command leaves the whole unknown', () => {
    const events = new Conversation()
      .login()
      .client(query('UPDATE a SET b = 1; UPDATE a SET b = x'))
      .server(packet(1, '00 01 00 0a00 0000'))
      .events();
    expect(events).toMatchObject([{ status: 'unknown', affected_rows: 1 }]);
  });
});
