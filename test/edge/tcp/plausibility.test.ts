import { describe, expect, it } from 'vitest';
import { C, Conversation, S } from './conversation.ts';

describe('plausibility', () => {
  const far = 100_000_000;
  it('ignores a segment with a sequence number far ahead', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'abc')
      .client(C + far, S, 'wild')
      .client(C + 3, S, 'def')
      .wait(3_000_000);
    expect(t.end()).toEqual(['open', 'client: abcdef', 'close end_of_input']);
    expect(t.table.counters).toMatchObject({ implausible: 1, heldBytes: 0 });
  });

  it('ignores an exact duplicate of it too', () => {
    const t = new Conversation()
      .handshake()
      .client(C + far, S, 'wild')
      .client(C + far, S, 'wild')
      .client(C, S, 'abc');
    expect(t.end()).toEqual(['open', 'client: abc', 'close end_of_input']);
  });

  it('ignores an acknowledgement far ahead', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S + far)
      .client(C, S, 'abc')
      .wait(3_000_000)
      .server(S, C + 3, 'ok');
    expect(t.end()).toEqual(['open', 'client: abc', 'server: ok', 'close end_of_input']);
  });

  it('believes it when the peer acknowledges it: the capture missed a long span', () => {
    const t = new Conversation()
      .handshake()
      .server(S, C, 'rows')
      .server(S + far, C, 'more')
      .client(C, S + far + 4)
      .wait(200_000);
    expect(t.server(S + far + 4, C, ' rows').end()).toEqual([
      'open',
      'server: rows',
      `server gap ${far - 4}`,
      'server: more rows',
      'close end_of_input',
    ]);
  });

  it('keeps the request that shows it', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S + far, 'next')
      .server(S + far, C + 4, 'answer')
      .wait(200_000);
    expect(t.end()).toEqual(['open', `server gap ${far}`, 'client: next', 'server: answer', 'close end_of_input']);
  });
});
