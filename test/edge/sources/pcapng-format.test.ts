import { describe, expect, it } from 'vitest';
import { PcapngBuilder } from '../../support/capture-builder.ts';
import { readAll } from './read-all.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const resolution = (value: number) => ({ code: 9, value: Buffer.from([value]) });

describe.each([
  ['little-endian', false],
  ['big-endian', true],
])('%s pcapng', (_, bigEndian) => {
  const ng = new PcapngBuilder({ bigEndian });

  it('reads packets of several interfaces, each with its link type and clock', () => {
    const { packets, error, reader } = readAll(
      Buffer.concat([
        ng.section(),
        ng.interface(1, 0),
        ng.interface(113, 0, [resolution(9)]),
        ng.enhanced(0, { bytes: hex('aa'), time: 1_700_000_000_000_001n, originalBytes: 9 }),
        ng.enhanced(1, { bytes: hex('bbbbbbbbbb'), time: 1_700_000_000_000_002_999n }),
        ng.packet(0, { bytes: hex('cc'), time: 1_700_000_000_000_003n }),
      ]),
    );
    expect(error).toBeNull();
    expect(packets).toEqual([
      { hex: 'aa', originalBytes: 9, timeUs: 1_700_000_000_000_001, linkType: 1 },
      { hex: 'bbbbbbbbbb', originalBytes: 5, timeUs: 1_700_000_000_000_002, linkType: 113 },
      { hex: 'cc', originalBytes: 1, timeUs: 1_700_000_000_000_003, linkType: 1 },
    ]);
    expect(reader.truncated).toBe(false);
    expect(reader.bytes).toBe(7);
  });

  it('gives simple packets the last known time, and the length that the snap length leaves', () => {
    const { packets } = readAll(
      Buffer.concat([
        ng.section(),
        ng.interface(101, 3),
        ng.enhanced(0, { bytes: hex('aa'), time: 55n }),
        ng.simple({ bytes: hex('010203'), originalBytes: 70 }),
        ng.simple({ bytes: hex('04'), originalBytes: 1 }),
      ]),
    );
    expect(packets.slice(1)).toEqual([
      { hex: '010203', originalBytes: 70, timeUs: 55, linkType: 101 },
      { hex: '04', originalBytes: 1, timeUs: 55, linkType: 101 },
    ]);
  });

  it('begins each section anew, of whichever byte order', () => {
    const other = new PcapngBuilder({ bigEndian: !bigEndian });
    const { packets, error } = readAll(
      Buffer.concat([
        ng.section(),
        ng.interface(1, 0),
        ng.enhanced(0, { bytes: hex('aa') }),
        other.section(),
        other.interface(101, 0),
        other.enhanced(0, { bytes: hex('bb') }),
        ng.section(),
        ng.interface(113, 0),
        ng.enhanced(0, { bytes: hex('cc') }),
      ]),
      [5],
    );
    expect(error).toBeNull();
    expect(packets.map((p) => [p.hex, p.linkType])).toEqual([
      ['aa', 1],
      ['bb', 101],
      ['cc', 113],
    ]);
  });

  it('skips blocks it does not know without keeping them', () => {
    const names = ng.block(4, (put) => put.bytes(Buffer.alloc(3_000_000, 0x0a)));
    const secrets = ng.block(0x0000000a, (put) => put.bytes(Buffer.alloc(8)));
    const capture = Buffer.concat([
      ng.section(),
      names,
      ng.interface(1, 0),
      secrets,
      ng.enhanced(0, { bytes: hex('aa') }),
    ]);
    for (const chunk of [1000, 65_536, capture.length]) {
      const { packets, error, reader } = readAll(capture, [chunk]);
      expect(error).toBeNull();
      expect(packets.map((p) => p.hex)).toEqual(['aa']);
      expect(reader.truncated).toBe(false);
    }
    expect(readAll(capture.subarray(0, 2_000_000), [65_536]).reader.truncated).toBe(true);
  });

  it('adds up the drops of its interfaces, the latest report of each', () => {
    const { reader, error } = readAll(
      Buffer.concat([
        ng.section(),
        ng.interface(1, 0),
        ng.interface(1, 0),
        ng.statistics(0, [
          { code: 4, value: 1000n },
          { code: 7, value: 5n },
          { code: 5, value: 2n },
        ]),
        ng.statistics(1, [{ code: 7, value: 100n }]),
        ng.statistics(0, [{ code: 7, value: 8n }]),
        ng.statistics(9, [{ code: 7, value: 1n }]),
      ]),
    );
    expect(error).toBeNull();
    expect(reader.droppedByKernel).toBe(108);
    expect(reader.droppedByInterface).toBe(2);
  });

  it('does not know of drops where the capture says nothing', () => {
    const { reader } = readAll(Buffer.concat([ng.section(), ng.interface(1, 0), ng.statistics(0, [])]));
    expect(reader.droppedByKernel).toBeNull();
    expect(reader.droppedByInterface).toBeNull();
  });

  it('adds the offset of the interface to its times', () => {
    const offset = (seconds: bigint) => [{ code: 14, value: BigInt.asUintN(64, seconds) }];
    const { packets } = readAll(
      Buffer.concat([
        ng.section(),
        ng.interface(1, 0, offset(1_700_000_000n)),
        ng.interface(1, 0, offset(-1n)),
        ng.interface(1, 0, offset(2n ** 62n)),
        ng.enhanced(0, { bytes: hex('aa'), time: 5n }),
        ng.enhanced(1, { bytes: hex('bb'), time: 1_000_005n }),
        ng.enhanced(1, { bytes: hex('cc'), time: 0n }),
        ng.enhanced(2, { bytes: hex('dd'), time: 0n }),
      ]),
    );
    expect(packets.map((p) => p.timeUs)).toEqual([1_700_000_000_000_005, 5, 0, Number.MAX_SAFE_INTEGER]);
  });

  it.each([
    ['an undescribed interface', [ng.enhanced(0, { bytes: hex('aa') })], 'interface 0 is not described'],
    ['a simple packet without interface', [ng.simple({ bytes: hex('aa') })], 'interface 0 is not described'],
    [
      'a packet longer than its block',
      [ng.interface(1, 0), ng.block(6, (put) => put.u32(0).u32(0).u32(0).u32(5).u32(5).u32(1))],
      '5 captured bytes do not fit their block',
    ],
    [
      'a packet block without its fields',
      [ng.interface(1, 0), ng.block(6, (put) => put.u32(0))],
      'a packet block is too short',
    ],
    [
      'lengths that differ',
      [Buffer.concat([ng.interface(1, 0).subarray(0, -4), hex('00000000')])],
      'the two lengths of a block differ',
    ],
  ])('calls %s damage', (_, blocks, what) => {
    const sound = ng.section().length + blocks.slice(0, -1).reduce((sum, b) => sum + b.length, 0);
    expect(readAll(Buffer.concat([ng.section(), ...blocks])).error).toMatchObject({
      code: 'capture_format',
      message: `test.pcap is damaged at byte ${sound}: ${what}`,
    });
  });

  it.each([[0], [8], [13], [0x7ffffffc]])('calls a block of %i bytes damage', (blockBytes) => {
    const block = ng.block(6, (put) => put.u32(0));
    if (bigEndian) block.writeUInt32BE(blockBytes, 4);
    else block.writeUInt32LE(blockBytes, 4);
    expect(readAll(Buffer.concat([ng.section(), block]), [3]).error).toMatchObject({
      message: `test.pcap is damaged at byte 28: a block cannot have ${blockBytes} bytes`,
    });
  });
});
