/** Frames for filters and captures: just what these look at, checksums left out. */

const ETHERTYPES = { ipv4: 0x0800, ipv6: 0x86dd } as const;

export interface TcpFrame {
  readonly version?: 'ipv4' | 'ipv6';
  readonly sourcePort?: number;
  readonly targetPort?: number;
  /** 6 (TCP) where absent. */
  readonly protocol?: number;
  /** IPv4 fragment offset in units of 8 bytes; such a packet holds no ports. */
  readonly fragmentOffset?: number;
  /** Type of an IPv6 extension header of 8 bytes before TCP. */
  readonly extension?: number;
  /** EtherTypes of VLAN tags, outer one first. */
  readonly tags?: readonly number[];
}

/** An Ethernet frame with 8 bytes of payload. */
export function ethernetFrame(frame: TcpFrame): Buffer {
  const { tags = [], version = 'ipv4' } = frame;
  const parts: Buffer[] = [Buffer.from('020000000002020000000001', 'hex')];
  for (const [i, tag] of tags.entries()) parts.push(u16(tag), u16(100 + i));
  return Buffer.concat([...parts, u16(ETHERTYPES[version]), ipPacket(frame)]);
}

/** A Linux cooked v2 (SLL2) frame, as `-i any` gives. */
export function cookedFrame(frame: TcpFrame): Buffer {
  const { tags = [], version = 'ipv4' } = frame;
  const rest = [...tags.slice(1).map((tag, i) => Buffer.concat([u16(100 + i), u16(tag)]))];
  const inner = tags.length === 0 ? [] : [...rest, u16(100), u16(ETHERTYPES[version])];
  const header = Buffer.alloc(20);
  header.writeUInt16BE(tags[0] ?? ETHERTYPES[version], 0);
  return Buffer.concat([header, ...inner, ipPacket(frame)]);
}

/** The IP packet alone. */
export function ipPacket(frame: TcpFrame): Buffer {
  const { version = 'ipv4', protocol = 6, fragmentOffset = 0, extension } = frame;
  const segment = Buffer.concat([
    u16(frame.sourcePort ?? 40_000),
    u16(frame.targetPort ?? 40_001),
    Buffer.alloc(24, 0x50),
  ]);
  if (version === 'ipv4') {
    const header = Buffer.alloc(20);
    header[0] = 0x45;
    header.writeUInt16BE(20 + segment.length, 2);
    header.writeUInt16BE(fragmentOffset, 6);
    header[8] = 64;
    header[9] = protocol;
    header.writeUInt32BE(0x7f000001, 12);
    header.writeUInt32BE(0x7f000001, 16);
    return Buffer.concat([header, segment]);
  }
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  const next = extension === undefined ? [] : [Buffer.from([protocol, 0, 0, 0, 0, 0, 0, 0])];
  header.writeUInt16BE(segment.length + next.length * 8, 4);
  header[6] = extension ?? protocol;
  header[7] = 64;
  return Buffer.concat([header, ...next, segment]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
