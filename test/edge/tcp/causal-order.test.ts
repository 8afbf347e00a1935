import { describe, expect, it } from 'vitest';
import { C, Conversation, S } from './conversation.ts';

describe('causal order', () => {
  it('holds a response that was captured before its request', () => {
    const t = new Conversation()
      .handshake()
      .server(S, C + 5, 'answer')
      .client(C, S, 'query')
      .client(C + 5, S + 6, 'next');
    expect(t.end()).toEqual(['open', 'client: query', 'server: answer', 'client: next', 'close end_of_input']);
  });

  it('holds the next request when the response before it is late', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'one')
      .client(C + 3, S + 2, 'two')
      .server(S, C + 3, 'ok')
      .server(S + 2, C + 6, 'ok');
    expect(t.end()).toEqual(['open', 'client: one', 'server: ok', 'client: two', 'server: ok', 'close end_of_input']);
  });

  it('puts the gap of a lost request before its response', () => {
    const t = new Conversation()
      .handshake()
      .server(S, C + 5, 'answer')
      .wait(200_000)
      .client(C + 5, S + 6, 'next');
    expect(t.end()).toEqual(['open', 'client gap 5', 'server: answer', 'client: next', 'close end_of_input']);
  });

  it('cuts the gap of an unseen half where the seen one acknowledged it', () => {
    const t = new Conversation()
      .handshake()
      .server(S, C, 'hi')
      .client(C, S + 4, 'a')
      .client(C + 1, S + 8, 'b')
      .client(C + 2, S + 8, 'c');
    expect(t.end().slice(2)).toEqual(['server gap 2', 'client: a', 'server gap 4', 'client: bc', 'close end_of_input']);
  });

  it('lets the order of capture decide where two segments acknowledge each other', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S + 1, 'a')
      .server(S, C + 1, 'b');
    expect(t.end()).toEqual(['open', 'client: a', 'server: b', 'close end_of_input']);
  });

  it('gives held bytes the time of the segment that brought them', () => {
    const t = new Conversation().handshake();
    const before = t.timeUs;
    t.server(S, C + 1, 'b').client(C, S, 'a');
    expect(t.handler.times).toEqual([before + 2000, before + 1000]);
  });
});

describe('captures of one direction', () => {
  it.each([true, false])(
    'delivers everything of the seen half with gaps for the other (from client: %s)',
    (fromClient) => {
      const t = new Conversation();
      for (let i = 0; i < 2000; i += 1) t.packet({ fromClient, seq: C + 10 * i, ack: S + 20 * i, data: '0123456789' });
      t.end();
      const [seen, unseen] = fromClient ? [t.handler.client, t.handler.server] : [t.handler.server, t.handler.client];
      expect(seen).toHaveLength(20_000);
      expect(seen).not.toContain(null);
      expect(unseen).toEqual(new Array(20 * 1999).fill(null));
      const [half, other] = fromClient ? ['client', 'server'] : ['server', 'client'];
      expect(t.events.slice(1, 4)).toEqual([`${half}: 0123456789`, `${other} gap 20`, `${half}: 0123456789`]);
    },
  );

  it('gives up a hole of the seen half after a second, as nothing can acknowledge it', () => {
    const t = new Conversation()
      .client(C, S, 'abc')
      .client(C + 6, S, 'ghi')
      .wait(900_000);
    expect(t.events).toEqual(['open midstream', 'client: abc']);
    expect(t.wait(200_000).events.slice(2)).toEqual(['client gap 3', 'client: ghi']);
  });
});

describe('memory', () => {
  it('gives up the hole of a half that holds more than its limit', () => {
    const t = new Conversation({ heldBytesPerHalf: 4000 }).handshake();
    for (let i = 0; i < 10; i += 1) t.client(C + 10 + 2 * i, S, 'ab');
    expect(t.events).toEqual(['open', 'client gap 10', `client: ${'ab'.repeat(10)}`]);
    expect(t.table.counters.heldBytes).toBe(0);
  });

  it('gives up the hole of the peer where that is what the half waits for', () => {
    const t = new Conversation({ heldBytesPerHalf: 4000 }).handshake();
    t.timeUs -= 1_000_000;
    for (let i = 0; i < 10; i += 1) {
      t.client(C + 2 * i, S + 7, 'ab');
      t.timeUs -= 1000;
    }
    expect(t.events).toEqual(['open', 'server gap 7', `client: ${'ab'.repeat(10)}`]);
  });

  it('relieves the connection that has waited longest when all together hold too much', () => {
    const t = new Conversation({ heldBytes: 5 * 600 });
    for (let i = 0; i < 8; i += 1) {
      t.packet({ clientPort: 1000 + i, seq: C, ack: S, data: 'ab' }).packet({
        clientPort: 1000 + i,
        seq: C + 4,
        ack: S,
        data: 'ef',
      });
    }
    expect(t.events.filter((event) => event === 'client gap 2')).toHaveLength(3);
    expect(t.table.counters.heldBytes).toBeLessThanOrEqual(3000);
    t.end();
    expect(t.table.counters).toMatchObject({ heldBytes: 0, gaps: 8, connectionsOpen: 0 });
  });
});
