// Hot path
import { ipBehindGre } from './gre.ts';
import { ipBehindUdp } from './udp-tunnel.ts';
import { NOT_TCP } from './verdict.ts';

const IPV4 = 4;
const UDP = 17;
const IPV6 = 41;
const GRE = 47;

/** Whether packets of an IP protocol may carry other packets: IP in IP (RFC 2003, RFC 2473, RFC 4213), GRE, and UDP. */
export function maybeTunnel(protocol: number): boolean {
  return protocol === UDP || protocol === GRE || protocol === IPV4 || protocol === IPV6;
}

/**
 * Where the IP header of a carried packet is, or a verdict: NOT_TCP where `protocol` is no tunnel, NOT_IP where what it carries is not
 * IP or not read, MALFORMED where its headers reach beyond `end`.
 * @param at Offset after the carrying IP header.
 */
export function ipBehindTunnel(bytes: Buffer, at: number, end: number, protocol: number): number {
  switch (protocol) {
    case UDP:
      return ipBehindUdp(bytes, at, end);
    case GRE:
      return ipBehindGre(bytes, at, end);
    case IPV4:
    case IPV6:
      return at;
    default:
      return NOT_TCP;
  }
}
