import { describe, expect, it } from 'vitest';
import { ACK, FIN, RST, SYN } from '../../support/segment-builder.ts';
import { C, Conversation, S } from './conversation.ts';

const HOUR_US = 3600 * 1_000_000;

describe('opening', () => {
  it('opens at the SYN and delivers both halves in turn', () => {
    const t = new Conversation().handshake();
    t.server(S, C, 'greeting')
      .client(C, S + 8, 'login')
      .server(S + 8, C + 5, 'ok');
    expect(t.end()).toEqual(['open', 'server: greeting', 'client: login', 'server: ok', 'close end_of_input']);
    expect(t.handler.connections[0]).toMatchObject({
      clientPort: 40_000,
      serverPort: 3306,
      sawSyn: true,
      openedSeq: C - 1,
    });
    expect([...t.handler.connections[0]!.clientAddress]).toEqual([0, 0, 0xffff, 0x0a000001]);
  });

  it('opens at a SYN-ACK, with the client known by its sender', () => {
    const t = new Conversation()
      .server(S - 1, C, '', SYN | ACK)
      .server(S, C, 'hi')
      .client(C, S + 2, 'yo');
    expect(t.end()).toEqual(['open', 'server: hi', 'client: yo', 'close end_of_input']);
  });

  it('opens in the middle of a connection without a gap on either side', () => {
    const t = new Conversation()
      .client(C, S, 'query')
      .server(S, C + 5, 'answer')
      .client(C + 5, S + 6, 'next');
    expect(t.end()).toEqual([
      'open midstream',
      'client: query',
      'server: answer',
      'client: next',
      'close end_of_input',
    ]);
  });

  it.each([
    ['a bare ACK', { seq: C, ack: S }],
    ['a FIN', { seq: C, ack: S, flags: FIN | ACK }],
    ['a RST', { seq: C, ack: S, flags: RST }],
    ['a keep-alive of one byte', { seq: C, ack: S, data: '\0' }],
  ])('does not open at %s', (_name, spec) => {
    const t = new Conversation().packet(spec);
    expect(t.end()).toEqual([]);
    expect(t.table.counters.stray).toBe(1);
  });

  it('delivers data that came with the SYN once, though it is sent again', () => {
    const t = new Conversation()
      .client(C - 1, 0, 'fast', SYN)
      .server(S - 1, C, '', SYN | ACK)
      .client(C, S, 'fast open');
    expect(t.end()).toEqual(['open', 'client: fast open', 'close end_of_input']);
  });

  it('learns the server from the first acknowledgement when the SYN-ACK is missing', () => {
    const t = new Conversation()
      .client(C - 1, 0, '', SYN)
      .client(C, S)
      .server(S + 3, C, 'def')
      .server(S, C, 'abc');
    expect(t.end()).toEqual(['open', 'server: abcdef', 'close end_of_input']);
  });

  it('takes data on no watched port for another protocol', () => {
    const t = new Conversation({}, [3307]).client(C, S, 'query');
    expect(t.end()).toEqual([]);
    expect(t.table.counters).toMatchObject({ otherPort: 1, segments: 0 });
  });
});

describe('direction when both ports are watched', () => {
  const ports = { clientPort: 33_060, serverPort: 3306 };
  it('follows the SYN', () => {
    const t = new Conversation({}, [3306, 33_060]);
    t.packet({ clientPort: 3306, serverPort: 33_060, seq: C - 1, flags: SYN });
    t.packet({ clientPort: 3306, serverPort: 33_060, seq: C, ack: S, data: 'hello' });
    expect(t.end()).toEqual(['open', 'client: hello', 'close end_of_input']);
    expect(t.handler.connections[0]).toMatchObject({ clientPort: 3306, serverPort: 33_060 });
  });

  it('takes the lower port for the server without one', () => {
    const t = new Conversation({}, [3306, 33_060]);
    t.packet({ ...ports, fromClient: false, seq: S, ack: C, data: 'rows' }).packet({
      ...ports,
      seq: C,
      ack: S + 4,
      data: 'query',
    });
    expect(t.end()).toEqual(['open midstream', 'server: rows', 'client: query', 'close end_of_input']);
  });
});

describe('port reuse', () => {
  it('closes the old connection at a SYN with another number', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'old')
      .client(9_000_000, 0, '', SYN)
      .server(7_000_000, 9_000_001, '', SYN | ACK);
    t.client(9_000_001, 7_000_001, 'new');
    expect(t.end()).toEqual(['open', 'client: old', 'close reused', 'open', 'client: new', 'close end_of_input']);
  });

  it('does not for a SYN or SYN-ACK that is sent again', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'a')
      .client(C - 1, 0, '', SYN)
      .server(S - 1, C, '', SYN | ACK)
      .client(C + 1, S, 'b');
    expect(t.end()).toEqual(['open', 'client: ab', 'close end_of_input']);
  });

  it.each(['open', 'closed'])(
    'takes the same SYN after data and silence for a capture that is played back: %s',
    (state) => {
      const t = new Conversation();
      for (let i = 0; i < 2; i += 1) {
        t.handshake().client(C, S, 'query');
        if (state === 'closed') t.client(C + 5, S, '', RST);
        t.wait(3_000_000);
      }
      const once = ['open', 'client: query', state === 'closed' ? 'close rst' : 'close reused'];
      expect(t.events.slice(0, 5)).toEqual([...once, 'open', 'client: query']);
    },
  );

  it('takes it so too where the first connection waited for lost bytes and was closed only when time went on', () => {
    const t = new Conversation();
    for (let i = 0; i < 2; i += 1) {
      t.handshake()
        .client(C + 7, S, 'query')
        .server(S, C + 12, '', FIN | ACK)
        .client(C + 12, S + 1, '', FIN | ACK);
      t.timeUs += 3600 * 1_000_000;
    }
    expect(t.end().filter((event) => event === 'open')).toHaveLength(2);
  });

  it('opens anew after a closed connection', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, '', RST)
      .client(C + 70_000, 0, '', SYN);
    expect(t.end()).toEqual(['open', 'close rst', 'open', 'close end_of_input']);
  });

  it('opens midstream after a closed connection where data is far from where that ended', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, '', RST)
      .client(C + 900_000_000, 77, 'hello')
      .client(C, S, 'late');
    expect(t.end()).toEqual(['open', 'close rst', 'open midstream', 'client: hello', 'close end_of_input']);
  });

  it('believes two packets that both halves are elsewhere, and loses neither', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'old')
      .client(2e9, 1e9, 'first')
      .client(2e9 + 5, 1e9, ' second');
    expect(t.end()).toEqual([
      'open',
      'client: old',
      'close reused',
      'open midstream',
      'client: first second',
      'close end_of_input',
    ]);
  });
});

describe('bounds', () => {
  it('evicts a connection without data first, then the longest idle', () => {
    const t = new Conversation({ maxConnections: 2 });
    t.packet({ clientPort: 1, seq: C, ack: S, data: 'one' }).wait(1_000_000);
    t.packet({ clientPort: 2, seq: C - 1, flags: SYN }).wait(1_000_000);
    t.packet({ clientPort: 3, seq: C, ack: S, data: 'three' }).wait(1_000_000);
    t.packet({ clientPort: 1, seq: C + 3, ack: S, data: 'more' }).wait(1_000_000);
    t.packet({ clientPort: 4, seq: C, ack: S, data: 'four' });
    expect(t.events).toEqual([
      'open midstream',
      'client: one',
      'open',
      'close evicted',
      'open midstream',
      'client: threemore',
      'close evicted',
      'open midstream',
      'client: four',
    ]);
    expect(t.table.counters).toMatchObject({ evictions: 2, connectionsOpen: 2 });
  });

  it('forgets closed connections before it evicts an open one', () => {
    const t = new Conversation({ maxConnections: 2 });
    t.packet({ clientPort: 1, seq: C, ack: S, data: 'one' });
    for (let port = 2; port < 20; port += 1) {
      t.packet({ clientPort: port, seq: C - 1, flags: SYN });
      t.packet({ clientPort: port, fromClient: false, seq: 0, ack: C, flags: RST | ACK });
    }
    expect(t.table.counters).toMatchObject({ evictions: 0, connectionsOpen: 1, connectionsOpened: 19 });
  });

  it('finds ten thousand connections again, IPv4 and IPv6', () => {
    const t = new Conversation({ maxConnections: 20_000 });
    for (const seq of [C, C + 4]) {
      for (let i = 0; i < 5000; i += 1) {
        const clientPort = 1024 + i;
        t.packet({ clientPort, seq, ack: S, data: 'four', clientAddress: `10.0.${i >> 8}.${i & 255}` });
        const v6 = { clientAddress: `2001:db8:0:0:0:0:0:${i.toString(16)}`, serverAddress: '2001:db8:0:0:0:0:0:ffff' };
        t.packet({ clientPort, seq, ack: S, data: 'six!', ...v6 });
      }
    }
    expect(t.table.counters).toMatchObject({
      connectionsOpened: 10_000,
      connectionsOpen: 10_000,
      deliveredBytes: 80_000,
      gaps: 0,
    });
  });

  it('gives hosts their addresses whatever comes between', () => {
    const t = new Conversation();
    t.packet({
      clientAddress: '2001:db8:1:2:3:4:5:6',
      serverAddress: '2001:db8:0:0:0:0:0:1',
      seq: C,
      ack: S,
      data: 'six',
    });
    expect([...t.handler.connections[0]!.clientAddress]).toEqual([0x20010db8, 0x00010002, 0x00030004, 0x00050006]);
    expect([...t.handler.connections[0]!.serverAddress]).toEqual([0x20010db8, 0, 0, 1]);
  });

  it('survives a clock that steps back', () => {
    const t = new Conversation().handshake().client(C, S, 'a');
    t.timeUs -= HOUR_US;
    t.client(C + 3, S, 'd')
      .server(S, C + 4, 'x')
      .wait(200_000);
    expect(t.end()).toEqual(['open', 'client: a', 'client gap 2', 'client: d', 'server: x', 'close end_of_input']);
  });
});
