import { describe, expect, it } from 'vitest';
import { ACK, FIN, RST } from '../../support/segment-builder.ts';
import { C, Conversation, S } from './conversation.ts';

describe('one half', () => {
  it.each([
    [
      'out of order',
      [
        [3, 'def'],
        [0, 'abc'],
        [6, 'ghi'],
      ],
      'abcdefghi',
    ],
    [
      'reversed',
      [
        [6, 'ghi'],
        [3, 'def'],
        [0, 'abc'],
      ],
      'abcdefghi',
    ],
    [
      'repeated',
      [
        [0, 'abc'],
        [0, 'abc'],
        [3, 'def'],
        [3, 'def'],
      ],
      'abcdef',
    ],
    [
      'repeated in other cuts',
      [
        [0, 'abcd'],
        [2, 'cdef'],
        [0, 'abcdefgh'],
      ],
      'abcdefgh',
    ],
    [
      'overlapping while held',
      [
        [4, 'ef'],
        [2, 'cdefgh'],
        [0, 'abc'],
      ],
      'abcdefgh',
    ],
    [
      'a hole filled by a larger copy',
      [
        [3, 'd'],
        [5, 'f'],
        [0, 'abcdefg'],
      ],
      'abcdefg',
    ],
    [
      'keep-alives',
      [
        [0, 'abc'],
        [2, '\0'],
        [2, ''],
        [3, 'def'],
      ],
      'abcdef',
    ],
  ] as [string, [number, string][], string][])('joins segments that come %s', (_name, segments, expected) => {
    const t = new Conversation().handshake();
    for (const [offset, data] of segments) t.client(C + offset, S, data);
    expect(t.end()).toEqual(['open', `client: ${expected}`, 'close end_of_input']);
    expect(t.table.counters).toMatchObject({ gaps: 0, heldBytes: 0, deliveredBytes: expected.length });
  });

  it('keeps the first copy of bytes that differ and counts them', () => {
    const t = new Conversation()
      .handshake()
      .client(C + 2, S, 'cd')
      .client(C, S, 'abXYef');
    expect(t.end()).toEqual(['open', 'client: abcdef', 'close end_of_input']);
    expect(t.table.counters.conflictBytes).toBe(2);
  });

  it('carries on over the wrap of the sequence number', () => {
    const top = 2 ** 32 - 5;
    const t = new Conversation()
      .client(top, S, 'abc')
      .client(top + 8, S, 'ijk')
      .client(top + 3, S, 'defgh')
      .server(S, 6, 'ok');
    expect(t.end()).toEqual(['open midstream', 'client: abcdefghijk', 'server: ok', 'close end_of_input']);
  });

  it('waits for a hole that the peer did not acknowledge', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'abc')
      .client(C + 6, S, 'ghi')
      .server(S, C + 3)
      .wait(60_000_000);
    expect(t.events).toEqual(['open', 'client: abc']);
    expect(t.client(C + 3, S, 'def').end()).toEqual(['open', 'client: abcdefghi', 'close end_of_input']);
  });

  it('declares a hole that the peer acknowledged after 100 ms', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'abc')
      .client(C + 6, S, 'ghi')
      .server(S, C + 9)
      .wait(90_000);
    expect(t.events).toEqual(['open', 'client: abc']);
    expect(t.wait(20_000).events).toEqual(['open', 'client: abc', 'client gap 3', 'client: ghi']);
  });

  it('declares only as much as was acknowledged', () => {
    const t = new Conversation()
      .handshake()
      .client(C + 6, S, 'ghi')
      .server(S, C + 2)
      .wait(200_000)
      .client(C + 2, S, 'cdef');
    expect(t.end()).toEqual(['open', 'client gap 2', 'client: cdefghi', 'close end_of_input']);
  });

  it('declares acknowledged bytes missing though nothing follows them', () => {
    const t = new Conversation()
      .handshake()
      .server(S, C, 'abc')
      .client(C, S + 10)
      .wait(200_000);
    expect(t.events).toEqual(['open', 'server: abc', 'server gap 7']);
  });

  it('declares a hole after 256 further packets, however little time passed', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'abc')
      .server(S, C + 9);
    t.timeUs -= 1_000_000;
    for (let i = 0; i < 255; i += 1) {
      t.timeUs -= 1000;
      t.client(C + 3, S);
    }
    expect(t.events).toEqual(['open', 'client: abc']);
    t.timeUs -= 1000;
    expect(t.client(C + 3, S).events).toEqual(['open', 'client: abc', 'client gap 6']);
  });

  it('ignores a retransmission that fills a hole already declared', () => {
    const t = new Conversation()
      .handshake()
      .client(C + 3, S, 'def')
      .server(S, C + 6)
      .wait(200_000)
      .client(C, S, 'abc');
    expect(t.end()).toEqual(['open', 'client gap 3', 'client: def', 'close end_of_input']);
    expect(t.table.counters.retransmittedBytes).toBe(3);
  });

  it.each(['fin', 'rst', 'end_of_input', 'reused'])(
    'declares what is missing when the connection closes: %s',
    (reason) => {
      const t = new Conversation()
        .handshake()
        .client(C, S, 'abc')
        .client(C + 6, S, 'ghi');
      if (reason === 'fin')
        t.client(C + 9, S, '', FIN | ACK)
          .server(S, C + 10, '', FIN | ACK)
          .wait(200_000);
      if (reason === 'rst') t.client(C + 9, S, '', RST);
      if (reason === 'reused') t.client(5_000_000, 0, '', 2);
      expect(t.end().slice(0, 5)).toEqual(['open', 'client: abc', 'client gap 3', 'client: ghi', `close ${reason}`]);
    },
  );

  it('delivers what was captured of a cut frame and reports the rest', () => {
    const t = new Conversation().handshake();
    t.packet({ seq: C, ack: S, data: 'abcdefgh' }, 14 + 20 + 20 + 3).client(C + 8, S, 'ijk');
    expect(t.end()).toEqual(['open', 'client: abc', 'client gap 5', 'client: ijk', 'close end_of_input']);
    expect(t.table.counters.cutSegments).toBe(1);
  });

  it('does so for a frame that had to wait', () => {
    const t = new Conversation().handshake();
    t.packet({ seq: C + 2, ack: S, data: 'cdefgh' }, 14 + 20 + 20 + 1)
      .client(C, S, 'ab')
      .client(C + 8, S, 'i');
    expect(t.end()).toEqual(['open', 'client: abc', 'client gap 5', 'client: i', 'close end_of_input']);
  });
});

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
