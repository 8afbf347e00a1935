// Hot path
import { ipBehindEtherType } from './ether-type.ts';
import { ipBehindEthernet } from './ethernet.ts';
import { MALFORMED, NOT_IP, UNKNOWN_LINK } from './verdict.ts';

const ETHERNET = 1;
const BSD_NULL = 0;
const BSD_LOOP = 108;
const LINUX_SLL = 113;
const LINUX_SLL2 = 276;

/**
 * Where the IP header of a frame begins, or a verdict. Whether it is IPv4 or IPv6 says its first nibble.
 * @param linkType LINKTYPE_ number (https://www.tcpdump.org/linktypes.html): Ethernet, Linux cooked v1 and v2, raw IP
 * (101, 228, 229, and BSD's 12 and 14), BSD loopback. Any other is UNKNOWN_LINK.
 */
export function findIp(bytes: Buffer, start: number, end: number, linkType: number): number {
  switch (linkType) {
    case ETHERNET:
      return ipBehindEthernet(bytes, start, end);
    case LINUX_SLL:
      if (end - start < 16) return MALFORMED;
      return ipBehindEtherType(bytes, start + 16, end, (bytes[start + 14]! << 8) | bytes[start + 15]!);
    case LINUX_SLL2:
      if (end - start < 20) return MALFORMED;
      return ipBehindEtherType(bytes, start + 20, end, (bytes[start]! << 8) | bytes[start + 1]!);
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return start;
    case BSD_NULL:
    case BSD_LOOP:
      if (end - start < 4) return MALFORMED;
      return isIpFamily(bytes, start) ? start + 4 : NOT_IP;
    default:
      return UNKNOWN_LINK;
  }
}

/**
 * The address family as the capturing host numbers it, in its byte order (LOOP: network order). IPv4 is 2 everywhere;
 * IPv6 is 10 on Linux, 23 on Windows, 24 on NetBSD and OpenBSD, 28 on FreeBSD and DragonFly, 30 on Darwin.
 */
function isIpFamily(bytes: Buffer, at: number): boolean {
  let family = -1;
  if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0) family = bytes[at + 3]!;
  else if (bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0) family = bytes[at]!;
  return family === 2 || family === 10 || family === 23 || family === 24 || family === 28 || family === 30;
}
