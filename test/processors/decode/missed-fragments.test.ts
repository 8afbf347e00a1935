import { describe, expect, it } from 'vitest';
import { RestorableDecode } from '../../../processors/decode/restorable-decode.ts';
import { Conversation, decodeAll, packet, query, result, rows } from '../../support/conversation.ts';
import { messageByMessage } from '../../support/message-by-message.ts';

/** Three fragments of a command, then a command of its own; each message in a batch of its own. */
function messages(): Buffer[] {
  const conversation = new Conversation().login();
  conversation.client(query(`INSERT INTO t VALUES ('${'x'.repeat(300_000)}')`)).server(packet(1, '00 00 00 0200 0000'));
  return conversation.client(query('SELECT 1')).server(result('1')).end().flatMap(messageByMessage);
}
const LOGIN = 3;

/** What decode makes of these messages without some, by their number behind the login. */
function without(...missing: number[]) {
  const decode = new RestorableDecode({ keepsRaw: true });
  const kept = messages().filter((_, i) => !missing.includes(i - LOGIN));
  const events = rows(decodeAll(kept, decode)).slice(1);
  return {
    counters: decode.counters,
    events: events.map(({ command, completeness, status }) => `${command} ${completeness} ${status}`),
    texts: events.map(({ statement_raw }) => statement_raw),
  };
}

describe('fragments of a command that never came', () => {
  it('come as one command where none is missing', () => {
    expect(without().events).toEqual(['query complete ok', 'query complete ok']);
    expect(without().texts[0]).toHaveLength(300_025);
  });

  it('leave out the command whose first one is missing: no later one is read as a command', () => {
    for (const missing of [[0], [0, 1]]) {
      const { events, counters } = without(...missing);
      expect(events).toEqual(['query complete ok']);
      expect(counters.orphanFragments).toBe(3 - missing.length);
    }
  });

  it('cut the command where one is missing: it says gap, and has its own response', () => {
    for (const missing of [[1], [2], [1, 2]]) {
      const { events, texts } = without(...missing);
      expect(events).toEqual(['query gap ok', 'query complete ok']);
      expect(texts[0]!.length).toBe(Math.max(1, missing[0]!) * 128 * 1024 - 1);
    }
  });

  it('are not joined to those of another command', () => {
    const conversation = new Conversation().login();
    const long = (letter: string) => query(`INSERT INTO ${letter} VALUES ('${letter.repeat(300_000)}')`);
    conversation.client(long('a')).server(packet(1, '00 00 00 0200 0000'));
    conversation.client(long('b')).server(packet(1, '00 00 00 0200 0000'));
    const all = conversation.end().flatMap(messageByMessage);
    // Of the first command one fragment, of the second the last one alone.
    const kept = all.filter((_, i) => i <= LOGIN || i >= LOGIN + 6);
    const events = rows(decodeAll(kept)).slice(1);
    expect(events.map(({ command, completeness, status }) => [command, completeness, status])).toEqual([
      ['query', 'gap', 'unknown'],
    ]);
    expect(events[0]!.statement_raw).not.toContain('b'.repeat(9));
  });

  it('of a command that is longer than all that is kept do not leave its hash as a command', () => {
    const conversation = new Conversation().login();
    const chunk = Buffer.alloc(0xff_ffff, 'x');
    for (let i = 0; i < 5; i++)
      conversation.client(packet(i, i === 0 ? Buffer.concat([Buffer.from([3]), chunk.subarray(1)]) : chunk));
    conversation.client(packet(5)).server(packet(6, '00 00 00 0200 0000'));
    const all = conversation.end().flatMap(messageByMessage);
    const last = all.length - 3;
    const { events } = { events: rows(decodeAll(all.filter((_, i) => i < LOGIN || i >= last))).slice(1) };
    expect(events).toEqual([]);
  });
});
