import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ethernet, ipPacket, ipv4, ipv6, tcpSegment } from '../../support/segment-builder.ts';
import { ETHERNET, hex, QUERY, start, V6, withHeader } from './decoding.ts';

describe('link layers', () => {
  it.each([
    ['Ethernet', 1, ethernet(ipPacket(QUERY))],
    ['Ethernet with IPv6', 1, ethernet(ipPacket({ ...QUERY, ...V6 }), 0x86dd)],
    ['a VLAN tag', 1, ethernet(ipPacket(QUERY), 0x0800, '8100 0064')],
    ['QinQ', 1, ethernet(ipPacket(QUERY), 0x0800, '88a8 0064 8100 2065')],
    ['three tags of the old type', 1, ethernet(ipPacket(QUERY), 0x0800, '9100 0001 9100 0002 8100 0003')],
    ['PPPoE', 1, withHeader('020000000002 020000000001 8864 1100 0001 0036 0021')],
    ['MPLS with two labels', 1, withHeader('020000000002 020000000001 8847 00010040 00011140')],
    ['Linux cooked', 113, withHeader('0000 0001 0006 020000000001 0000 0800')],
    ['Linux cooked with a VLAN tag', 113, withHeader('0000 0001 0006 020000000001 0000 8100 0064 0800')],
    ['Linux cooked v2', 276, withHeader('0800 0000 00000001 0001 00 06 020000000001 0000')],
    ['raw IP', 101, ipPacket(QUERY)],
    ['raw IP as BSD numbers it', 12, ipPacket(QUERY)],
    ['raw IP as OpenBSD numbers it', 14, ipPacket(QUERY)],
    ['raw IPv4', 228, ipPacket(QUERY)],
    ['raw IPv6', 229, ipPacket({ ...QUERY, ...V6 })],
    ['BSD loopback, little endian', 0, withHeader('02000000')],
    ['BSD loopback, big endian', 0, withHeader('00000002')],
    ['BSD loopback in network order', 108, withHeader('00000002')],
    ...['0a', '17', '18', '1c', '1e'].map((family): [string, number, Buffer] => [
      `BSD loopback with IPv6 as family ${family}`,
      0,
      withHeader(`${family}000000`, { ...QUERY, ...V6 }),
    ]),
  ] as [string, number, Buffer][])('finds the segment behind %s', (_name, linkType, bytes) => {
    const t = start();
    t.packet(bytes, linkType);
    expect(t.text()).toBe('SELECT 1');
    expect(t.decoder.counters).toMatchObject({ packets: 1, tcpSegments: 1, notIp: 0, malformed: 0 });
  });

  it.each([
    ['ARP', 1, ethernet(Buffer.alloc(28), 0x0806), 'notIp'],
    ['802.3 with LLC', 1, ethernet(Buffer.alloc(46), 0x0026), 'notIp'],
    ['an unknown link type', 147, ipPacket(QUERY), 'unknownLink'],
    ['an unknown address family', 0, withHeader('07000000'), 'notIp'],
    ['tags without end', 1, ethernet(ipPacket(QUERY), 0x0800, '8100 0001'.repeat(9)), 'notIp'],
    ['an MPLS pseudowire', 1, hex('020000000002 020000000001 8847 00010140 00000000 0000'), 'notIp'],
    ['a frame shorter than its header', 1, Buffer.alloc(13), 'malformed'],
    ['a frame that ends in a tag', 1, ethernet(Buffer.alloc(0), 0x8100, '8100 0001').subarray(0, 17), 'malformed'],
    ['neither version of IP', 101, Buffer.alloc(60, 0x50), 'malformed'],
    ['UDP', 101, ipv4('10.0.0.1', '10.0.0.2', Buffer.alloc(20), { protocol: 17 }), 'notTcp'],
    ['ICMPv6', 101, ipv6(V6.clientAddress, V6.serverAddress, Buffer.alloc(20), 58), 'notTcp'],
    ['an IPv4 header shorter than 20 bytes', 101, hex(`44${'00'.repeat(40)}`), 'malformed'],
    [
      'an IPv6 extension beyond the packet',
      101,
      ipv6(V6.clientAddress, V6.serverAddress, hex('06 09 000000000000'), 0),
      'malformed',
    ],
  ] as const)('counts %s', (_name, linkType, bytes, counter) => {
    const t = start();
    t.packet(bytes, linkType);
    expect(t.handler.events).toEqual([]);
    expect(t.decoder.counters).toMatchObject({ packets: 1, tcpSegments: 0, [counter]: 1 });
  });
});

describe('IP', () => {
  const addresses = ['10.0.0.1', '10.0.0.2'] as const;
  it('steps over IPv4 and TCP options', () => {
    const t = start();
    const segment = tcpSegment({ ...QUERY, options: hex('0101080a 00000001 00000002') });
    t.packet(ethernet(ipv4(...addresses, segment, { options: hex('94040000') })));
    expect(t.text()).toBe('SELECT 1');
  });

  it('ignores what Ethernet pads a short frame with', () => {
    const t = start();
    t.packet(Buffer.concat([ethernet(ipPacket({ ...QUERY, data: 'S' })), Buffer.alloc(5)]));
    t.packet(Buffer.concat([ethernet(ipPacket({ ...QUERY, data: 'SE' })), Buffer.alloc(4, 0x41)]));
    expect(t.text()).toBe('SE');
  });

  it('takes the frame for the length where offload left 0', () => {
    const t = start();
    const data = 'x'.repeat(65_000);
    t.packet(ethernet(ipv4(...addresses, tcpSegment({ ...QUERY, data }), { totalBytes: 0 })));
    expect(t.handler.client).toHaveLength(65_000);
    t.packet(ethernet(ipv6(V6.clientAddress, V6.serverAddress, tcpSegment({ ...QUERY, data }), 6, 0), 0x86dd));
    expect(t.handler.client).toHaveLength(130_000);
  });

  it('delivers what was captured of a cut frame, with the rest as a gap', () => {
    const t = start();
    t.packet(ethernet(ipPacket(QUERY)).subarray(0, 14 + 40 + 3), ETHERNET, 14 + 40 + 8);
    // Some captures do not state the length on the wire: IP does.
    t.packet(ethernet(ipPacket({ ...QUERY, seq: 108 })).subarray(0, 14 + 40 + 3), ETHERNET);
    expect(t.handler.events).toEqual(['open midstream', 'client: SEL', 'client gap 5', 'client: SEL', 'client gap 5']);
  });

  it.each([
    ['IP', 14 + 19, 'decoder'],
    ['TCP', 14 + 20 + 13, 'table'],
  ] as const)('counts a frame cut inside the %s header', (_name, captured, where) => {
    const t = start();
    const bytes = ethernet(ipPacket(QUERY));
    t.packet(bytes.subarray(0, captured), ETHERNET, bytes.length);
    expect(t[where].counters.cutHeader).toBe(1);
    expect(t.handler.events).toEqual([]);
  });

  it('knows the length of a segment whose options were cut', () => {
    const t = start();
    const bytes = ethernet(ipv4(...addresses, tcpSegment({ ...QUERY, options: hex('0101080a 00000001 00000002') })));
    t.packet(bytes.subarray(0, 14 + 20 + 22), ETHERNET, bytes.length);
    expect(t.handler.events).toEqual(['open midstream', 'client gap 8']);
  });

  it.each([
    ['hop-by-hop', 0, '06 00 0104 00000000'],
    ['routing', 43, '06 02 0400 00000000 20010db8000000000000000000000001'],
    ['destination options', 60, '06 00 0104 00000000'],
    ['authentication', 51, '06 04 0000 00000001 00000001 000000000000000000000000'],
    ['three of them', 0, '3c 00 0104 00000000 2b 00 0104 00000000 06 00 0000 00000000'],
    ['an atomic fragment', 44, '06 00 0000 00000001'],
  ])('steps over IPv6 extensions: %s', (_name, nextHeader, extension) => {
    const t = start();
    const payload = Buffer.concat([hex(extension), tcpSegment(QUERY)]);
    t.packet(ethernet(ipv6(V6.clientAddress, V6.serverAddress, payload, nextHeader), 0x86dd));
    expect(t.text()).toBe('SELECT 1');
  });
});

describe('any bytes', () => {
  const LINK_TYPES = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 147];
  const frames = [
    ethernet(ipPacket(QUERY)),
    ethernet(ipPacket({ ...QUERY, ...V6 }), 0x86dd),
    ethernet(ipPacket(QUERY), 0x0800, '88a8 0064 8100 2065'),
    ethernet(ipv4('10.0.0.1', '10.0.0.2', tcpSegment(QUERY), { fragment: 0x2000 })),
    ethernet(
      ipv6(V6.clientAddress, V6.serverAddress, Buffer.concat([hex('06 00 0000 00000001'), tcpSegment(QUERY)]), 44),
      0x86dd,
    ),
  ];

  it('never throw, whatever the link type', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...LINK_TYPES), fc.uint8Array({ maxLength: 120 })), { maxLength: 10 }),
        (packets) => {
          const t = start();
          for (const [linkType, bytes] of packets) t.packet(bytes, linkType);
          t.decoder.end(2e15);
          expect(t.decoder.counters.packets).toBe(packets.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never throw where a real frame is changed or cut, and every packet is accounted for', () => {
    const change = fc.tuple(fc.nat(90), fc.nat(255));
    const mutated = fc.tuple(fc.constantFrom(...frames), fc.array(change, { maxLength: 4 }), fc.nat(100));
    fc.assert(
      fc.property(fc.array(mutated, { maxLength: 20 }), (packets) => {
        const t = start();
        for (const [original, changes, length] of packets) {
          const bytes = Buffer.from(original);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          t.packet(bytes.subarray(0, length), ETHERNET, bytes.length);
        }
        t.decoder.end(2e15);
        const c = t.decoder.counters;
        const used = c.tcpSegments - c.fragmentsReassembled + c.fragments;
        expect(used + c.notIp + c.notTcp + c.cutHeader + c.malformed).toBeGreaterThanOrEqual(packets.length);
        expect(t.table.counters).toMatchObject({ heldBytes: 0, connectionsOpen: 0 });
      }),
      { numRuns: 1000 },
    );
  });
});
