// Hot path
import { ipBehindEtherType } from './ether-type.ts';
import { ipBehindEthernet } from './ethernet.ts';
import { MALFORMED, NOT_TCP } from './verdict.ts';

const TRANSPARENT_ETHERNET = 0x6558;

/**
 * Follows a GENEVE header of version 0 to the IP header in it: 8 bytes, then options whose length counts in 4-byte units, then an
 * Ethernet frame or what its EtherType says (RFC 8926 3.4). Options are stepped over.
 * @param at Offset of the UDP payload.
 */
export function ipBehindGeneve(bytes: Buffer, at: number, end: number): number {
  if (end - at < 8) return MALFORMED;
  const first = bytes[at]!;
  if (first >> 6 !== 0) return NOT_TCP;
  const payloadAt = at + 8 + ((first & 0x3f) << 2);
  if (payloadAt > end) return MALFORMED;
  const etherType = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (etherType === TRANSPARENT_ETHERNET) return ipBehindEthernet(bytes, payloadAt, end);
  return ipBehindEtherType(bytes, payloadAt, end, etherType);
}
