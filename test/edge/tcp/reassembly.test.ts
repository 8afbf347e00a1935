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
