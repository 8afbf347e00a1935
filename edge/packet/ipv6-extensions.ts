// Hot path
import { CUT, MALFORMED } from './verdict.ts';

const HOP_BY_HOP = 0;
const ROUTING = 43;
export const IPV6_FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
/** Each is at least 8 bytes; senders use one or two (RFC 8200 4.1 names seven). */
const MAX_EXTENSIONS = 16;

/** The chain of IPv6 extension headers (RFC 8200 4) up to the first header that is none of them, or a fragment header. */
export class Ipv6Extensions {
  /** Of the header at the offset that `walk` returned. */
  protocol = 0;

  /** @returns The offset after the chain, or CUT or MALFORMED. */
  walk(bytes: Buffer, at: number, capturedEnd: number, wireEnd: number, nextHeader: number): number {
    let header = nextHeader;
    let offset = at;
    for (let count = 0; count < MAX_EXTENSIONS; count += 1) {
      if (header !== HOP_BY_HOP && header !== ROUTING && header !== DESTINATION && header !== AUTHENTICATION) {
        this.protocol = header;
        return offset;
      }
      if (wireEnd - offset < 8) return MALFORMED;
      if (capturedEnd - offset < 2) return CUT;
      // AH counts in 4-byte units less two (RFC 4302 2.2), the others in 8-byte units less one.
      const length = header === AUTHENTICATION ? (bytes[offset + 1]! + 2) * 4 : (bytes[offset + 1]! + 1) * 8;
      header = bytes[offset]!;
      offset += length;
      if (offset > wireEnd) return MALFORMED;
    }
    return MALFORMED;
  }
}
