import { describe, expect, it } from 'vitest';
import { capError } from '../../../edge/sources/cap-error.ts';
import { capLinkType } from '../../../edge/sources/cap-link-types.ts';
import { PacketBatch } from '../../../edge/sources/packet-batch.ts';
import { readAll } from './read-all.ts';

describe('a batch of packets from cap', () => {
  it('is a pcap of what was put in, over several writes of the reused buffer', () => {
    const batch = new PacketBatch(100);
    const written: Buffer[] = [];
    const packet = Buffer.alloc(65_535, 5);
    batch.addHeader(113);
    for (const [length, timeUs] of [
      [1, 1_700_000_000_000_001],
      [65_535, 1_700_000_000_999_999.5],
      [0, 1_700_000_001_000_000],
      [60, 0],
    ] as const) {
      batch.add(packet, length, timeUs);
      if (!batch.isFull) continue;
      written.push(Buffer.from(batch.bytes.subarray(0, batch.length)));
      batch.clear();
    }
    written.push(Buffer.from(batch.bytes.subarray(0, batch.length)));
    const { packets, error, reader } = readAll(Buffer.concat(written));
    expect(error).toBeNull();
    expect(reader.truncated).toBe(false);
    expect(packets.map((p) => [p.hex.length / 2, p.originalBytes, p.timeUs, p.linkType])).toEqual([
      [1, 1, 1_700_000_000_000_001, 113],
      [65_535, 65_535, 1_700_000_000_999_999, 113],
      [0, 0, 1_700_000_001_000_000, 113],
      [60, 60, 0, 113],
    ]);
    expect(written.length).toBe(2);
  });
});

describe('the link types of cap', () => {
  it.each([
    ['NULL', 0],
    ['ETHERNET', 1],
    ['RAW', 101],
    ['LINKTYPE_LINUX_SLL', 113],
    ['IEEE802_11_RADIO', 127],
    ['Unknown linktype 276', 276],
    ['Unknown linktype 12', null],
    ['', null],
  ])('%j is %j', (name, linkType) => {
    expect(capLinkType(name)).toBe(linkType);
  });
});

describe('the end of a cap child that nobody asked to end', () => {
  it.each([
    ['sqltrail-cap: module: Cannot find module cap', 1, null, 'capture_unavailable', 'npm rebuild cap'],
    [
      'Warning: x - This may not actually work\nsqltrail-cap: open: socket: Operation not permitted',
      1,
      null,
      'capture_permission',
      'setcap',
    ],
    ['sqltrail-cap: open: No such device exists', 1, null, 'interface_unknown', 'Give one of these'],
    ["sqltrail-cap: open: can't parse filter expression", 1, null, 'capture_failed', '--capture tcpdump'],
    ['Assertion failed', null, 'SIGABRT', 'capture_failed', '--capture tcpdump'],
  ])('is explained with a cure: %j', (stderr, exitCode, signalName, code, cure) => {
    expect(capError('eth7', { stderr, exitCode, signalName, isUnexpected: true })).toMatchObject({
      code,
      message: expect.stringMatching(code === 'capture_unavailable' ? /cap/ : /eth7/),
      cure: expect.stringContaining(cure),
    });
  });
});
