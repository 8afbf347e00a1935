// Hot path
import { ipBehindEthernet } from './ethernet.ts';
import { MALFORMED, NOT_TCP } from './verdict.ts';

const HAS_NETWORK_ID = 0x08;

/**
 * Follows a VXLAN header to the IP header of its Ethernet frame: flags, of which I must be set (group policy and other extensions may be
 * too), and a network identifier, 8 bytes (RFC 7348 5).
 * @param at Offset of the UDP payload.
 */
export function ipBehindVxlan(bytes: Buffer, at: number, end: number): number {
  if (end - at < 8) return MALFORMED;
  if ((bytes[at]! & HAS_NETWORK_ID) === 0) return NOT_TCP;
  return ipBehindEthernet(bytes, at + 8, end);
}
