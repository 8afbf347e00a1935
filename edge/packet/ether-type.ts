// Hot path
import { MALFORMED, NOT_IP } from './verdict.ts';

/** Tags and labels deeper than this are not followed; real networks stack two or three. */
const MAX_TAGS = 8;

/**
 * Follows an EtherType to the IP header: VLAN tags (802.1Q, 802.1ad, and 0x9100 as used before it), PPPoE sessions
 * (RFC 2516), MPLS labels (RFC 3032).
 * @param at Offset after the EtherType.
 */
export function ipBehindEtherType(bytes: Buffer, at: number, end: number, etherType: number): number {
  let type = etherType;
  let offset = at;
  for (let tags = 0; tags < MAX_TAGS; tags += 1) {
    switch (type) {
      case 0x0800:
      case 0x86dd:
        return offset;
      case 0x8100:
      case 0x88a8:
      case 0x9100:
        if (end - offset < 4) return MALFORMED;
        type = (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
        offset += 4;
        break;
      case 0x8864: {
        if (end - offset < 8) return MALFORMED;
        const protocol = (bytes[offset + 6]! << 8) | bytes[offset + 7]!;
        return protocol === 0x0021 || protocol === 0x0057 ? offset + 8 : NOT_IP;
      }
      case 0x8847:
      case 0x8848:
        return behindLabels(bytes, offset, end);
      default:
        return NOT_IP;
    }
  }
  return NOT_IP;
}

/** After the label at the bottom of the stack comes IP or a pseudowire; its first nibble tells. */
function behindLabels(bytes: Buffer, at: number, end: number): number {
  for (let offset = at; offset < at + 4 * MAX_TAGS; offset += 4) {
    if (end - offset < 5) return MALFORMED;
    if ((bytes[offset + 2]! & 1) === 0) continue;
    const version = bytes[offset + 4]! >> 4;
    return version === 4 || version === 6 ? offset + 4 : NOT_IP;
  }
  return NOT_IP;
}
