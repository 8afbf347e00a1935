// Hot path
import { ipBehindGeneve } from './geneve.ts';
import { MALFORMED, NOT_TCP } from './verdict.ts';
import { ipBehindVxlan } from './vxlan.ts';

const VXLAN = 4789;
/** Linux's default from before the port was assigned; flannel and Cilium still use it. */
const VXLAN_LEGACY = 8472;
const GENEVE = 6081;

/** Where the IP header in a UDP datagram of a tunnel is; NOT_TCP for any other UDP. Tunnels are known by their destination port. */
export function ipBehindUdp(bytes: Buffer, at: number, end: number): number {
  if (end - at < 8) return MALFORMED;
  switch ((bytes[at + 2]! << 8) | bytes[at + 3]!) {
    case VXLAN:
    case VXLAN_LEGACY:
      return ipBehindVxlan(bytes, at + 8, end);
    case GENEVE:
      return ipBehindGeneve(bytes, at + 8, end);
    default:
      return NOT_TCP;
  }
}
