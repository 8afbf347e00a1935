import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bpfFilter } from '../../../edge/sources/bpf-filter.ts';
import { buildPcap } from '../../support/capture-builder.ts';
import { cookedFrame, ethernetFrame, ipPacket, type TcpFrame } from './frames.ts';
import { readAll } from './read-all.ts';

const hasTcpdump = spawnSync('tcpdump', ['--version']).error === undefined;
if (!hasTcpdump) console.warn('tcpdump is not installed: what filters pass is not tested');

/** What tcpdump lets through, as true and false in the order of the frames. */
function passes(linkType: number, frames: readonly Buffer[], filter: string): boolean[] {
  const numbered = frames.map((bytes, i) => ({ bytes, time: BigInt(i) }));
  const done = spawnSync('tcpdump', ['-r', '-', '-w', '-', filter], { input: buildPcap(numbered, { linkType }) });
  const passed = new Set(readAll(done.stdout).packets.map((p) => p.timeUs));
  return frames.map((_, i) => passed.has(i));
}

const TAG = 0x8100;
const OUTER_TAG = 0x88a8;
const cases: readonly (readonly [name: string, frame: TcpFrame, isPassed: boolean])[] = [
  ['to the port', { targetPort: 3306 }, true],
  ['from the port', { sourcePort: 3306 }, true],
  ['to the second port', { targetPort: 3307 }, true],
  ['to another port', { targetPort: 3308 }, false],
  ['UDP to the port', { targetPort: 3306, protocol: 17 }, false],
  ['IPv6 to the port', { targetPort: 3306, version: 'ipv6' }, true],
  ['IPv6 from the port', { sourcePort: 3306, version: 'ipv6' }, true],
  ['IPv6 to another port', { targetPort: 3308, version: 'ipv6' }, false],
  ['a later fragment of TCP', { fragmentOffset: 185 }, true],
  ['a later fragment of UDP', { fragmentOffset: 185, protocol: 17 }, false],
  ['an IPv6 fragment', { version: 'ipv6', extension: 44 }, true],
  ['an IPv6 destination option', { version: 'ipv6', extension: 60 }, true],
];

/** Passed only where mirrored traffic is wanted, save those marked false: never. */
const tunnels: readonly (readonly [name: string, frame: TcpFrame, isPassed: boolean])[] = [
  ...[4789, 8472, 6081].flatMap((targetPort) => [
    [`UDP to ${targetPort}`, { protocol: 17, targetPort }, true] as const,
    [`UDP to ${targetPort} over IPv6`, { protocol: 17, targetPort, version: 'ipv6' }, true] as const,
  ]),
  ...[47, 4, 41].flatMap((protocol) => [
    [`protocol ${protocol}`, { protocol }, true] as const,
    [`protocol ${protocol} over IPv6`, { protocol, version: 'ipv6' }, true] as const,
  ]),
  ['a later fragment of GRE', { protocol: 47, fragmentOffset: 185 }, true],
  ['a later fragment of UDP', { protocol: 17, fragmentOffset: 185 }, true],
  ['UDP to another port', { protocol: 17, targetPort: 53 }, false],
  ['UDP from a tunnel port', { protocol: 17, sourcePort: 4789 }, false],
  ['TCP to a tunnel port', { targetPort: 4789 }, false],
  ['ICMP', { protocol: 1 }, false],
];

describe('the filter of MySQL ports', () => {
  it.runIf(hasTcpdump).each([
    ['untagged', []],
    ['in a VLAN', [TAG]],
    ['in two VLANs (QinQ)', [TAG, TAG]],
    ['in two VLANs (802.1ad)', [OUTER_TAG, TAG]],
  ])('passes what belongs to the ports %s, and nothing else', (_, tags) => {
    const frames = cases.map(([, frame]) => ethernetFrame({ ...frame, tags }));
    const passed = passes(1, frames, bpfFilter([3306, 3307], 'ethernet', false));
    expect(cases.map(([name], i) => [name, passed[i]])).toEqual(cases.map(([name, , isPassed]) => [name, isPassed]));
  });

  it.runIf(hasTcpdump).each([
    ['cooked (any)', 276, cookedFrame],
    ['raw IP', 101, ipPacket],
  ])('passes what belongs to the ports on a %s capture, and nothing else', (_, linkType, build) => {
    const frames = cases.map(([, frame]) => build(frame));
    const passed = passes(linkType, frames, bpfFilter([3306, 3307], 'other', false));
    expect(cases.map(([name], i) => [name, passed[i]])).toEqual(cases.map(([name, , isPassed]) => [name, isPassed]));
  });

  it.runIf(hasTcpdump)('passes everything that still has a tag on a cooked capture', () => {
    const frames = [
      { targetPort: 3306, tags: [TAG] },
      { targetPort: 80, tags: [OUTER_TAG, TAG] },
    ].map(cookedFrame);
    expect(passes(276, frames, bpfFilter([3306], 'other', false))).toEqual([true, true]);
  });

  it.runIf(hasTcpdump).each([
    ['Ethernet', 1, (frame: TcpFrame) => ethernetFrame(frame), 'ethernet'],
    ['VLAN', 1, (frame: TcpFrame) => ethernetFrame({ ...frame, tags: [TAG] }), 'ethernet'],
    ['QinQ', 1, (frame: TcpFrame) => ethernetFrame({ ...frame, tags: [OUTER_TAG, TAG] }), 'ethernet'],
    ['cooked (any)', 276, cookedFrame, 'other'],
    ['raw IP', 101, ipPacket, 'other'],
  ] as const)(
    'passes tunnels beside the ports on a %s capture where traffic is mirrored',
    (_, linkType, build, link) => {
      const all = [...cases.filter(([name]) => name !== 'a later fragment of UDP'), ...tunnels];
      const frames = all.map(([, frame]) => build(frame));
      const mirrored = passes(linkType, frames, bpfFilter([3306, 3307], link, true));
      expect(all.map(([name], i) => [name, mirrored[i]])).toEqual(all.map(([name, , isPassed]) => [name, isPassed]));
      const plain = passes(
        linkType,
        tunnels.map(([, frame]) => build(frame)),
        bpfFilter([3306, 3307], link, false),
      );
      expect(plain.some((isPassed) => isPassed)).toBe(false);
    },
  );

  it('names each port once', () => {
    expect(bpfFilter([3306, 3306], 'other', false).match(/tcp port 3306/g)).toHaveLength(1);
  });

  it.each([[[]], [[0]], [[65_536]], [[-1]], [[3306.5]], [[Number.NaN]], [[3306, 70_000]]])(
    'refuses the ports %j',
    (ports) => {
      expect(() => bpfFilter(ports, 'ethernet', false)).toThrow(
        expect.objectContaining({ code: 'usage', exitCode: 2 }),
      );
    },
  );
});
