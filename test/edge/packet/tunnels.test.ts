import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ethernet, frame, ipPacket, ipv4, ipv6, type SegmentSpec, tcpSegment } from '../../support/segment-builder.ts';
import { ETHERNET, hex, QUERY, start, V6 } from './decoding.ts';

const IPV4_IN = ipPacket(QUERY);
const IPV6_IN = ipPacket({ ...QUERY, ...V6 });
const ETHERNET_IN = frame(QUERY);
const VLAN_IN = ethernet(IPV4_IN, 0x0800, '8100 0064');
const QINQ_IPV6_IN = ethernet(IPV6_IN, 0x86dd, '88a8 0064 8100 2065');

const UDP = 17;
const GRE = 47;
/** A UDP header to this port, its length as senders of tunnels over IPv6 may leave it to be ignored. */
const udp = (port: string) => `c000 ${port} 0000 0000 `;
const VXLAN = `${udp('12b5')} 08 000000 00002a 00`;
const VXLAN_LEGACY = `${udp('2118')} 08 000000 00002a 00`;
const GENEVE = `${udp('17c1')} 00 00 6558 00002a 00`;

/** What carries: name, IP protocol, the bytes between the outer IP header and the inner packet, the inner packet. */
const TUNNELS: readonly (readonly [name: string, protocol: number, header: string, inner: Buffer])[] = [
  ['VXLAN', UDP, VXLAN, ETHERNET_IN],
  ['VXLAN on its old port', UDP, VXLAN_LEGACY, ETHERNET_IN],
  ['VXLAN with group policy', UDP, `${udp('12b5')} 88 000007 00002a 00`, ETHERNET_IN],
  ['VXLAN with a VLAN inside', UDP, VXLAN, VLAN_IN],
  ['VXLAN with IPv6 in two VLANs inside', UDP, VXLAN, QINQ_IPV6_IN],
  ['GENEVE', UDP, GENEVE, ETHERNET_IN],
  ['GENEVE with two options', UDP, `${udp('17c1')} 03 40 6558 00002a 00 0103 01 01 deadbeef 0104 02 00`, VLAN_IN],
  ['GENEVE with IPv4 without Ethernet', UDP, `${udp('17c1')} 00 00 0800 00002a 00`, IPV4_IN],
  ['GENEVE with IPv6 without Ethernet', UDP, `${udp('17c1')} 00 00 86dd 00002a 00`, IPV6_IN],
  ['GRE', GRE, '0000 0800', IPV4_IN],
  ['GRE with IPv6 inside', GRE, '0000 86dd', IPV6_IN],
  ['GRE with a checksum', GRE, '8000 0800 abcd 0000', IPV4_IN],
  ['GRE with a key', GRE, '2000 0800 00000007', IPV4_IN],
  ['GRE with a sequence number', GRE, '1000 0800 00000001', IPV4_IN],
  ['GRE with all three', GRE, 'b000 86dd abcd 0000 00000007 00000001', IPV6_IN],
  ['MPLS in GRE', GRE, '0000 8847 00011140', IPV4_IN],
  ['Ethernet in GRE', GRE, '0000 6558', ETHERNET_IN],
  ['NVGRE', GRE, '2000 6558 00002a 01', ETHERNET_IN],
  ['NVGRE with IPv6 in two VLANs inside', GRE, '2000 6558 00002a 01', QINQ_IPV6_IN],
  ['ERSPAN type I', GRE, '0000 88be', ETHERNET_IN],
  ['ERSPAN type I with a VLAN inside', GRE, '0000 88be', VLAN_IN],
  ['ERSPAN type II', GRE, '1000 88be 00000001 1064 0005 0000007b', ETHERNET_IN],
  ['ERSPAN type II with IPv6 in two VLANs inside', GRE, '1000 88be 00000001 1064 0005 0000007b', QINQ_IPV6_IN],
  ['ERSPAN type III', GRE, '1000 22eb 00000001 2064 0005 00000000 0000 0000', ETHERNET_IN],
  [
    'ERSPAN type III with a subheader',
    GRE,
    '1000 22eb 00000001 2064 0005 00000000 0000 0001 0c000000 00000000',
    VLAN_IN,
  ],
  ['ERSPAN type III with IPv4 without Ethernet', GRE, '1000 22eb 00000001 2064 0005 00000000 0000 0800', IPV4_IN],
  ['ERSPAN type III with the protocol of type II', GRE, '1000 88be 00000001 2064 0005 00000000 0000 0000', ETHERNET_IN],
  ['IPv4 in IP', 4, '', IPV4_IN],
  ['IPv6 in IP', 41, '', IPV6_IN],
];

type Version = 'IPv4' | 'IPv6';
const VERSIONS = ['IPv4', 'IPv6'] as const;
const OUTER4 = ['192.0.2.1', '192.0.2.2'] as const;
const OUTER6 = ['2001:db8:0:0:0:0:ffff:1', '2001:db8:0:0:0:0:ffff:2'] as const;

/** The IP packet that carries. */
function carrierIp(version: Version, protocol: number, header: string, inner: Buffer): Buffer {
  const payload = Buffer.concat([hex(header), inner]);
  return version === 'IPv4' ? ipv4(...OUTER4, payload, { protocol }) : ipv6(...OUTER6, payload, protocol);
}

function carrier(version: Version, protocol: number, header: string, inner: Buffer): Buffer {
  return ethernet(carrierIp(version, protocol, header, inner), version === 'IPv4' ? 0x0800 : 0x86dd);
}

/** Every counter that a packet may end in. */
function sumOf(t: ReturnType<typeof start>): number {
  const c = t.decoder.counters;
  return c.tcpSegments + c.notIp + c.notTcp + c.cutHeader + c.malformed + c.nestedTooDeep;
}

describe.each(VERSIONS)('tunnels over %s', (version) => {
  it.each(TUNNELS)('finds the segment in %s', (_name, protocol, header, inner) => {
    const t = start();
    t.packet(carrier(version, protocol, header, inner));
    expect(t.text()).toBe('SELECT 1');
    expect(t.decoder.counters).toMatchObject({ packets: 1, tcpSegments: 1, encapsulated: 1 });
    expect(sumOf(t)).toBe(1);
  });

  it.each(TUNNELS)('finds it in %s that is itself tagged and behind extension headers or options', (...tunnel) => {
    const [, protocol, header, inner] = tunnel;
    const t = start();
    const payload = Buffer.concat([hex(header), inner]);
    const packet =
      version === 'IPv4'
        ? ipv4(...OUTER4, payload, { protocol, options: hex('94040000') })
        : ipv6(...OUTER6, Buffer.concat([Buffer.from([protocol]), hex('00 04 01 04 01 01 00'), payload]), 60);
    t.packet(ethernet(packet, version === 'IPv4' ? 0x0800 : 0x86dd, '8100 0fa0'));
    expect(t.text()).toBe('SELECT 1');
  });

  it.each(TUNNELS)('counts %s that the capture cut, wherever it did', (_name, protocol, header, inner) => {
    const bytes = carrier(version, protocol, header, inner);
    const data = bytes.length - QUERY.data.length;
    for (let length = 0; length < bytes.length; length += 1) {
      const t = start();
      t.packet(bytes.subarray(0, length), ETHERNET, bytes.length);
      expect(sumOf(t)).toBe(1);
      const captured = 'SELECT 1'.slice(0, Math.max(0, length - data));
      const isSeen = length >= data - 20 + 14;
      expect(t.handler.client.length).toBe(isSeen ? 8 : 0);
      expect(t.text()).toBe(isSeen ? captured.padEnd(8, '?') : '');
      if (length > 14 + (version === 'IPv4' ? 20 : 40)) expect(t.decoder.counters.malformed).toBe(0);
    }
  });

  it.each(TUNNELS)('counts %s that really ends early, wherever it does', (_name, protocol, header, inner) => {
    const whole = Buffer.concat([hex(header), inner]);
    for (let length = 0; length < whole.length; length += 1) {
      const t = start();
      t.packet(carrier(version, protocol, '', whole.subarray(0, length)));
      expect(sumOf(t)).toBe(1);
      // A mirror cuts frames, too; what the inner IP header promised is a gap then.
      expect(t.text()).toBe(
        t.handler.client.length === 0 ? '' : 'SELECT 1'.slice(0, Math.max(0, 8 - whole.length + length)).padEnd(8, '?'),
      );
    }
  });

  it.each(TUNNELS)('puts %s together that IP cut into fragments', (_name, protocol, header, inner) => {
    const payload = Buffer.concat([hex(header), inner]);
    const t = start();
    for (const i of [1, 0, 2]) {
      const [from, to] = [i * 16, i === 2 ? payload.length : i * 16 + 16];
      const piece = payload.subarray(from, to);
      const field = from | (i === 2 ? 0 : 1);
      const fragment = Buffer.concat([Buffer.from([protocol, 0, field >> 8, field & 0xff, 0, 0, 0, 9]), piece]);
      t.packet(
        version === 'IPv4'
          ? ipv4(...OUTER4, piece, { protocol, id: 9, fragment: (i === 2 ? 0 : 0x2000) | (from / 8) })
          : ipv6(...OUTER6, fragment, 44),
        101,
      );
    }
    expect(t.text()).toBe('SELECT 1');
    expect(t.decoder.counters).toMatchObject({ fragments: 3, fragmentsReassembled: 1, encapsulated: 1 });
  });

  it('opens four tunnels inside each other, and counts a fifth', () => {
    const around = (packet: Buffer, times: number): Buffer =>
      times === 0 ? packet : around(carrierIp(version, version === 'IPv4' ? 4 : 41, '', packet), times - 1);
    const own = version === 'IPv4' ? IPV4_IN : IPV6_IN;
    const t = start();
    t.packet(around(own, 4), 101);
    expect(t.text()).toBe('SELECT 1');
    t.packet(around(own, 5), 101);
    t.packet(around(own, 800), 101);
    expect(t.decoder.counters).toMatchObject({ packets: 3, tcpSegments: 1, encapsulated: 3, nestedTooDeep: 2 });
  });

  it('opens tunnels of different kinds inside each other', () => {
    const overlay = carrierIp(
      version,
      UDP,
      VXLAN,
      carrier('IPv4', UDP, GENEVE, carrier('IPv6', GRE, '0000 0800', IPV4_IN)),
    );
    const t = start();
    t.packet(
      carrier(
        version,
        GRE,
        '1000 88be 00000001 1064 0005 0000007b',
        ethernet(overlay, version === 'IPv4' ? 0x0800 : 0x86dd),
      ),
    );
    expect(t.text()).toBe('SELECT 1');
  });
});

describe('what is no tunnel, or carries nothing that is read', () => {
  const ARP = ethernet(Buffer.alloc(28), 0x0806);
  it.each([
    ['UDP to another port', UDP, udp('0035'), IPV4_IN, 'notTcp'],
    ['UDP from the port of VXLAN', UDP, '12b5 c000 0000 0000 08000000 00002a00', ETHERNET_IN, 'notTcp'],
    ['VXLAN without a network', UDP, `${udp('12b5')} 00 000000 000000 00`, ETHERNET_IN, 'notTcp'],
    ['GENEVE of version 1', UDP, `${udp('17c1')} 40 00 6558 00002a 00`, ETHERNET_IN, 'notTcp'],
    ['ARP in VXLAN', UDP, VXLAN, ARP, 'notIp'],
    ['ARP in ERSPAN', GRE, '1000 88be 00000001 1064 0005 0000007b', ARP, 'notIp'],
    ['a keep-alive of GRE', GRE, '0000 0000', Buffer.alloc(0), 'notIp'],
    ['GRE of version 1 (PPTP)', GRE, '3001 880b 0020 0001 00000001', IPV4_IN, 'notIp'],
    ['GRE with source routes', GRE, '4000 0800 0000 0000 00000000', IPV4_IN, 'notIp'],
    ['ERSPAN of an unknown type', GRE, '1000 22eb 00000001 3064 0005 00000000 0000 0000', ETHERNET_IN, 'notIp'],
    [
      'ERSPAN type III with a frame of an unknown type',
      GRE,
      '1000 22eb 00000001 2064 0005 00000000 0000 0400',
      IPV4_IN,
      'notIp',
    ],
    ['UDP in GRE', GRE, '0000 0800', carrierIp('IPv4', UDP, udp('0035'), IPV4_IN), 'notTcp'],
    ['neither version of IP in IP', 4, '', Buffer.alloc(40, 0x50), 'malformed'],
    ['GENEVE whose options reach beyond it', UDP, `${udp('17c1')} 3f 00 6558 00002a 00`, ETHERNET_IN, 'malformed'],
  ] as const)('counts %s', (_name, protocol, header, inner, counter) => {
    const t = start();
    t.packet(carrier('IPv4', protocol, header, inner));
    expect(t.handler.events).toEqual([]);
    expect(t.decoder.counters).toMatchObject({ packets: 1, tcpSegments: 0, [counter]: 1 });
    expect(sumOf(t)).toBe(1);
  });

  it('keeps fragments of different protocols apart, though IPv4 gave them the same number', () => {
    const t = start();
    const segment = tcpSegment({ ...QUERY, data: 'x'.repeat(20) });
    const pieces = (payload: Buffer, protocol: number) => [
      ipv4(...OUTER4, payload.subarray(0, 24), { protocol, id: 5, fragment: 0x2000 }),
      ipv4(...OUTER4, payload.subarray(24), { protocol, id: 5, fragment: 3 }),
    ];
    const inTcp = pieces(segment, 6);
    const inGre = pieces(Buffer.concat([hex('0000 0800'), IPV4_IN]), GRE);
    for (const packet of [inTcp[0]!, inGre[0]!, inTcp[1]!, inGre[1]!]) t.packet(packet, 101);
    expect(t.handler.client).toHaveLength(28);
    expect(t.decoder.counters).toMatchObject({ fragmentsReassembled: 2, fragmentOverlapBytes: 0, tcpSegments: 2 });
  });
});

describe('connections in tunnels', () => {
  it('are one connection whatever carries its packets', () => {
    const t = start();
    const specs: SegmentSpec[] = [
      { seq: 100, ack: 500, data: 'SELECT ' },
      { fromClient: false, seq: 500, ack: 107, data: 'what?' },
      { seq: 107, ack: 505, data: '1' },
    ];
    t.packet(carrier('IPv4', UDP, VXLAN, frame(specs[0]!)));
    t.packet(carrier('IPv6', GRE, '0000 88be', frame(specs[1]!)));
    t.packet(frame(specs[2]!));
    expect(t.handler.events).toEqual(['open midstream', 'client: SELECT ', 'server: what?', 'client: 1']);
  });
});

describe('any bytes in tunnels', () => {
  const frames = VERSIONS.flatMap((version) => TUNNELS.map(([, ...tunnel]) => carrier(version, ...tunnel)));

  it('never throw where a real tunnel is changed or cut, and every packet is accounted for', () => {
    const change = fc.tuple(fc.nat(140), fc.nat(255));
    const mutated = fc.tuple(fc.constantFrom(...frames), fc.array(change, { maxLength: 4 }), fc.nat(170));
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
        expect(sumOf(t) - c.fragmentsReassembled + c.fragments).toBeGreaterThanOrEqual(packets.length);
        expect(t.table.counters).toMatchObject({ heldBytes: 0, connectionsOpen: 0 });
      }),
      { numRuns: 2000 },
    );
  });
});
