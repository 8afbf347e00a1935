/** An interface `t0`, `t1` … as `ip link add` wants it, for host 1 and host 2. */
export type Layer = (here: number) => string[];

const V4 = (here: number) => ['local', `10.99.0.${here}`, 'remote', `10.99.0.${3 - here}`];
const V6 = (here: number) => ['local', `fd99::${here}`, 'remote', `fd99::${3 - here}`];

/** Every kind of tunnel that Linux makes and the decoder opens, alone and nested, and the IP version of the TCP in it. */
export const TUNNELS: readonly (readonly [name: string, layers: readonly Layer[], inner: 4 | 6])[] = [
  ['VXLAN', [(h) => ['vxlan', 'id', '42', ...V4(h), 'dstport', '4789']], 4],
  ['VXLAN on its old port', [(h) => ['vxlan', 'id', '42', ...V4(h), 'dstport', '8472']], 4],
  ['VXLAN with group policy', [(h) => ['vxlan', 'id', '42', ...V4(h), 'dstport', '4789', 'gbp']], 6],
  ['VXLAN over IPv6', [(h) => ['vxlan', 'id', '42', ...V6(h), 'dstport', '4789']], 4],
  ['GENEVE', [(h) => ['geneve', 'id', '42', 'remote', `10.99.0.${3 - h}`]], 4],
  ['GENEVE over IPv6', [(h) => ['geneve', 'id', '42', 'remote', `fd99::${3 - h}`]], 6],
  ['GRE', [(h) => ['gre', ...V4(h)]], 4],
  ['GRE with IPv6 inside', [(h) => ['gre', ...V4(h)]], 6],
  ['GRE with checksum, key and sequence', [(h) => ['gre', ...V4(h), 'key', '7', 'csum', 'seq']], 4],
  ['GRE over IPv6', [(h) => ['ip6gre', ...V6(h), 'key', '7']], 4],
  ['Ethernet in GRE', [(h) => ['gretap', ...V4(h)]], 4],
  ['Ethernet in GRE with a key (NVGRE)', [(h) => ['gretap', ...V4(h), 'key', '10752']], 6],
  ['Ethernet in GRE over IPv6', [(h) => ['ip6gretap', ...V6(h)]], 4],
  ['ERSPAN type I', [(h) => ['erspan', ...V4(h), 'erspan_ver', '0']], 4],
  ['ERSPAN type II', [(h) => ['erspan', 'seq', 'key', '30', ...V4(h), 'erspan_ver', '1', 'erspan', '123']], 4],
  [
    'ERSPAN type III',
    [(h) => ['erspan', 'seq', 'key', '30', ...V4(h), 'erspan_ver', '2', 'erspan_dir', 'egress', 'erspan_hwid', '17']],
    4,
  ],
  [
    'ERSPAN type II over IPv6',
    [(h) => ['ip6erspan', 'seq', 'key', '30', ...V6(h), 'erspan_ver', '1', 'erspan', '1']],
    4,
  ],
  ['IPv4 in IPv4', [(h) => ['ipip', ...V4(h)]], 4],
  ['IPv6 in IPv4', [(h) => ['sit', ...V4(h)]], 6],
  ['IPv4 in IPv6', [(h) => ['ip6tnl', ...V6(h), 'mode', 'ipip6']], 4],
  ['IPv6 in IPv6', [(h) => ['ip6tnl', ...V6(h), 'mode', 'ip6ip6']], 6],
  ['a VLAN in VXLAN', [(h) => ['vxlan', 'id', '42', ...V4(h), 'dstport', '4789'], () => ['vlan', 'id', '9']], 4],
  [
    'VXLAN in VXLAN',
    [
      (h) => ['vxlan', 'id', '42', ...V4(h), 'dstport', '4789'],
      (h) => ['vxlan', 'id', '43', 'local', `10.98.0.${h}`, 'remote', `10.98.0.${3 - h}`, 'dstport', '8472'],
    ],
    4,
  ],
];
