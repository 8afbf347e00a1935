import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RestorableDecode } from '../../../processors/decode/restorable-decode.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';
import { COLUMN, Conversation, decodeAll, packet, query, result, rows } from '../../support/conversation.ts';
import { messageByMessage } from '../../support/message-by-message.ts';

const OK = '00 00 00 0200 0000';

/** A connection with a statement prepared early and used late, a change of user, and a query that is still running. */
function longConversation(): Conversation {
  const conversation = new Conversation().login();
  conversation
    .client(packet(0, '16', Buffer.from('SELECT a FROM t WHERE b = ?')))
    .server(packet(1, '00 05000000 0000 0100 00 0000'), packet(2, COLUMN));
  conversation.client(packet(0, '17 05000000 00 01000000 00 01 0300', '07000000')).server(packet(1, OK));
  conversation
    .client(query('USE hr'))
    .server(packet(1, OK))
    .client(query("SET NAMES gbk, sql_mode='ANSI_QUOTES'"))
    .server(packet(1, OK));
  for (let i = 0; i < 5; i++) conversation.client(query(`SELECT ${i}`)).server(result(String(i)));
  conversation.client(packet(0, '17 05000000 00 01000000 00 00', '08000000')).server(packet(1, OK));
  conversation.client(query(`SELECT '${'x'.repeat(300_000)}'`)).server(result('1'));
  return conversation.client(query('SELECT SLEEP(100)'));
}

describe('decode', () => {
  const whole = longConversation().end();
  const expected = rows(decodeAll(whole));
  const messages = whole.flatMap(messageByMessage);

  it('gives the same events from one batch as from a batch per message', () => {
    expect(rows(decodeAll(messages))).toEqual(expected);
    expect(expected.map((row) => row.command)).toContain('execute');
  });

  it('goes on in another process from the state that was written out, wherever that happens', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: messages.length - 1 }), { maxLength: 4 }), (cuts) => {
        let decode = new RestorableDecode({ keepsRaw: true });
        const outputs: ReturnType<typeof decodeAll> = [];
        for (const [i, message] of messages.entries()) {
          if (cuts.includes(i)) {
            const next = new RestorableDecode({ keepsRaw: true });
            for (const key of decode.stateKeys()) expect(next.importState(key, decode.exportState(key)!)).toBe(true);
            decode = next;
          }
          outputs.push(...decodeAll([message], decode));
        }
        expect(rows(outputs)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('skips messages that come again', () => {
    const decode = new RestorableDecode({ keepsRaw: true });
    const upTo = messages.slice(0, 9);
    const first = decodeAll(upTo, decode);
    expect(decodeAll(upTo, decode)).toEqual([]);
    expect(decode.counters.repeatedMessages).toBe(9);
    expect(rows([...first, ...decodeAll(messages.slice(9), decode)])).toEqual(expected);
  });

  it('trusts no character set after bytes of the client were lost, nor that of texts sent behind a SET without its answer', () => {
    const gbk = Buffer.concat([Buffer.from("SELECT '"), Buffer.from('bf5c27', 'hex')]);
    const texts = (conversation: Conversation) =>
      decodeAll(conversation.end())
        .filter((output) => output instanceof AuditEvent)
        .map(({ sql }) => sql?.mode.charset);
    const lossy = new Conversation().login().client(query('SELECT 1')).server(result('1')).gap(true, 60);
    lossy.client(packet(0, '03', gbk)).server(result('1'));
    expect(texts(lossy).slice(1)).toEqual(['utf8mb4', '']);
    const pipelined = new Conversation().login().client(query('SET NAMES gbk'), packet(0, '03', gbk));
    pipelined.server(packet(1, OK), result('1')).client(query('SELECT 2')).server(result('1'));
    expect(texts(pipelined).slice(1)).toEqual(['utf8mb4', '', 'gbk']);
    const ordinary = new Conversation().login().client(query('SET NAMES utf8mb4'), query('SELECT 1'));
    expect(texts(ordinary.server(packet(1, OK), result('1'))).slice(1)).toEqual(['utf8mb4', 'utf8mb4']);
  });

  it('trusts no quoting of names after bytes of the client were lost', () => {
    const conversation = new Conversation().login().client(query("SET sql_mode='ANSI_QUOTES'")).server(packet(1, OK));
    conversation.client(query('SELECT "a"')).server(result('1')).gap(true, 60);
    const events = conversation.client(query('SELECT "s3cret"')).server(result('1')).events();
    expect(events.map((event) => event.statement_masked)).toEqual(['SET sql_mode=?', 'SELECT "a"', 'SELECT ?']);
  });

  it('forgets a connection when it ends', () => {
    const decode = new RestorableDecode({ keepsRaw: false });
    decodeAll(whole, decode);
    expect([...decode.stateKeys()]).toEqual([]);
  });

  it('reads no bound values unless raw text is kept', () => {
    const events = decodeAll(whole, new RestorableDecode({ keepsRaw: false })).filter(
      (output) => output instanceof AuditEvent,
    );
    expect(events.every((event) => event.parameters === null && event.queryAttributes === null)).toBe(true);
  });

  it('refuses a state that is none, of another connection or of another version', () => {
    const decode = new RestorableDecode({ keepsRaw: true });
    decodeAll(messages.slice(0, 3), decode);
    const [key] = decode.stateKeys();
    const state = decode.exportState(key!)!;
    const other = new RestorableDecode({ keepsRaw: true });
    expect(other.importState(key!, 'no json')).toBe(false);
    expect(other.importState('0'.repeat(32), state)).toBe(false);
    expect(other.importState(key!, state.replace('"version":2', '"version":99'))).toBe(false);
    expect([...other.stateKeys()]).toEqual([]);
  });

  it('counts records that are no batch and batches that break off, and keeps what came before the break', () => {
    const decode = new RestorableDecode({ keepsRaw: true });
    decodeAll([Buffer.from('garbage'), Buffer.alloc(0)], decode);
    expect(decode.counters.unreadableBatches).toBe(2);
    const [batch] = whole;
    const cut = decodeAll([batch!.subarray(0, batch!.length - 5)], decode);
    expect(decode.counters.brokenBatches).toBe(1);
    expect(cut.length).toBeGreaterThan(3);
  });

  it('never throws on changed bytes', () => {
    const batch = whole[0]!.subarray(0, 2_000);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(batch.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const changed = Buffer.from(batch);
          for (const [at, value] of changes) changed[at] = value;
          expect(Array.isArray(decodeAll([changed]))).toBe(true);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
