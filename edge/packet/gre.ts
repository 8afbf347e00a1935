// Hot path
import { ipBehindErspan } from './erspan.ts';
import { ipBehindEtherType } from './ether-type.ts';
import { ipBehindEthernet } from './ethernet.ts';
import { MALFORMED, NOT_IP } from './verdict.ts';

const HAS_CHECKSUM = 0x80;
const HAS_ROUTING = 0x40;
const HAS_KEY = 0x20;
const HAS_SEQUENCE = 0x10;
const TRANSPARENT_ETHERNET = 0x6558;
const ERSPAN = 0x88be;
const ERSPAN_III = 0x22eb;

/**
 * Follows a GRE header of version 0 to the IP header in it: flags and EtherType, then checksum, key and sequence number, each 4 bytes
 * where its flag is set (RFC 2784, RFC 2890). Carries IP, MPLS, Ethernet (NVGRE too, RFC 7637: its key is the network) or ERSPAN.
 * NOT_IP for the source routes of RFC 1701, which nobody sends, and for version 1, PPTP's (RFC 2637).
 * @param at Offset after the IP header.
 */
export function ipBehindGre(bytes: Buffer, at: number, end: number): number {
  if (end - at < 4) return MALFORMED;
  const flags = bytes[at]!;
  if ((flags & HAS_ROUTING) !== 0 || (bytes[at + 1]! & 0x07) !== 0) return NOT_IP;
  const hasSequence = (flags & HAS_SEQUENCE) !== 0;
  const payloadAt =
    at + 4 + ((flags & HAS_CHECKSUM) !== 0 ? 4 : 0) + ((flags & HAS_KEY) !== 0 ? 4 : 0) + (hasSequence ? 4 : 0);
  if (payloadAt > end) return MALFORMED;
  const etherType = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  switch (etherType) {
    case TRANSPARENT_ETHERNET:
      return ipBehindEthernet(bytes, payloadAt, end);
    case ERSPAN:
      // Types II and III always number their packets; type I has neither number nor header (draft-foschiano-erspan-03, 4.1).
      return hasSequence ? ipBehindErspan(bytes, payloadAt, end) : ipBehindEthernet(bytes, payloadAt, end);
    case ERSPAN_III:
      return ipBehindErspan(bytes, payloadAt, end);
    default:
      return ipBehindEtherType(bytes, payloadAt, end, etherType);
  }
}
