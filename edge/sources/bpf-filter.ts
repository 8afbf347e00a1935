import { SqltrailError } from '../../runtime/errors.ts';

/** VXLAN, its old port, GENEVE and later fragments of UDP; GRE with ERSPAN in it; IPv4 and IPv6 in IP. What edge/packet opens. */
const TUNNELS = [
  ...[4789, 8472, 6081].map((port) => `udp dst port ${port}`),
  '(ip[9] == 17 and ip[6:2] & 0x1fff != 0)',
  ...[47, 4, 41].flatMap((protocol) => [`ip[9] == ${protocol}`, `ip6[6] == ${protocol}`]),
];

/**
 * A libpcap filter (pcap-filter(7)) that passes all TCP traffic of MySQL ports, and what may be part of it: later fragments of IPv4,
 * which have no ports, and IPv6 packets with a fragment, hop-by-hop, routing or destination header, behind which libpcap finds none.
 * Up to about 64 ports the kernel filters; the program of more exceeds its 4,096 instructions and libpcap filters in the capturing process.
 * @param ports 1–65535; repeated ones count once.
 * @param link `ethernet` sees through one or two VLAN tags. libpcap refuses the `vlan` keyword elsewhere (`any`, tunnels): `other` passes every
 *   frame that is still tagged; an interface `any` gets single tags already removed by the kernel.
 * @param isMirrored Passes all traffic of tunnels too, whatever they carry: a mirror sends what it was told to, and libpcap cannot look inside.
 * @throws SqltrailError `usage` for no port or one out of range.
 */
export function bpfFilter(ports: readonly number[], link: 'ethernet' | 'other', isMirrored: boolean): string {
  if (ports.length === 0) {
    throw new SqltrailError('usage', 'no port to capture was given', 'Give at least one --port, such as --port 3306.');
  }
  for (const port of ports) {
    if (Number.isInteger(port) && port >= 1 && port <= 65_535) continue;
    throw new SqltrailError('usage', `${port} is not a TCP port`, 'Give --port a number from 1 to 65535.');
  }
  const untagged = [
    ...[...new Set(ports)].map((port) => `tcp port ${port}`),
    '(ip[9] == 6 and ip[6:2] & 0x1fff != 0)',
    'ip6[6] == 44',
    'ip6[6] == 0',
    'ip6[6] == 43',
    'ip6[6] == 60',
    ...(isMirrored ? TUNNELS : []),
  ].join(' or ');
  if (link === 'other') return `${untagged} or ether proto 0x8100 or ether proto 0x88a8`;
  // Each `vlan` moves the offsets of all that stands after it, so the untagged case comes first and the second tag inside the first.
  return `${untagged} or (vlan and (${untagged} or (vlan and (${untagged}))))`;
}
