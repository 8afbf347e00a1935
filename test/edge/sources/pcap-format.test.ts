import { describe, expect, it } from 'vitest';
import { SqltrailError } from '../../../runtime/errors.ts';
import { buildPcap } from '../../support/capture-builder.ts';
import { readAll } from './read-all.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

describe('pcap', () => {
  const header = 'd4c3b2a1 0200 0400 00000000 00000000 00000400';
  it.each([
    ['little-endian µs', `${header} 01000000  02000000 03000000 02000000 05000000 abcd`, 2_000_003, 1],
    [
      'big-endian µs',
      'a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001  00000002 00000003 00000002 00000005 abcd',
      2_000_003,
      1,
    ],
    [
      'little-endian ns',
      '4d3cb2a1 0200 0400 00000000 00000000 00000400 71000000  02000000 e70b0000 02000000 05000000 abcd',
      2_000_003,
      113,
    ],
    [
      'big-endian ns',
      'a1b23c4d 0002 0004 00000000 00000000 00040000 00000071  00000002 00000be7 00000002 00000005 abcd',
      2_000_003,
      113,
    ],
    ['an FCS length in the link type', `${header} 010000f4  02000000 03000000 02000000 05000000 abcd`, 2_000_003, 1],
    [
      'modified records',
      '34cdb2a1 0200 0400 00000000 00000000 00000400 01000000  02000000 03000000 02000000 05000000 0000000000000000 abcd',
      2_000_003,
      1,
    ],
    [
      'a fraction of more than a second',
      `${header} 01000000  ffffffff ffffffff 02000000 05000000 abcd`,
      4_294_967_295 * 1e6 + 4_294_967_295,
      1,
    ],
  ])('reads %s', (_, bytes, timeUs, linkType) => {
    const { packets, error } = readAll(hex(bytes));
    expect(error).toBeNull();
    expect(packets).toEqual([{ hex: 'abcd', originalBytes: 5, timeUs, linkType }]);
  });

  it('takes the captured length where the one on the wire is smaller', () => {
    const { packets } = readAll(buildPcap([{ bytes: hex('aabbcc'), originalBytes: 1 }]));
    expect(packets).toMatchObject([{ hex: 'aabbcc', originalBytes: 3 }]);
  });

  it('reads packets of no bytes and of 256 KiB', () => {
    const largest = Buffer.alloc(262_144, 7);
    const { packets, reader, error } = readAll(buildPcap([{ bytes: Buffer.alloc(0) }, { bytes: largest }]), [65_536]);
    expect(error).toBeNull();
    expect(packets.map((p) => p.hex.length / 2)).toEqual([0, 262_144]);
    expect(reader.bytes).toBe(262_144);
  });

  it('says at which byte a record makes no sense, after delivering those before it', () => {
    const capture = Buffer.concat([
      buildPcap([{ bytes: hex('0102') }, { bytes: hex('03') }]),
      hex('00000000 00000000 01000400 01000400'),
    ]);
    for (const chunk of [1, 7, 1000]) {
      const { packets, error } = readAll(capture, [chunk]);
      expect(packets.map((p) => p.hex)).toEqual(['0102', '03']);
      expect(error).toBeInstanceOf(SqltrailError);
      expect(error).toMatchObject({
        code: 'capture_format',
        message: 'test.pcap is damaged at byte 59: a packet cannot have 262145 captured bytes',
        cure: expect.stringContaining('head -c 59'),
      });
    }
  });

  it.each([
    ['inside the file header', 20, 0],
    ['inside a record header', 24 + 18 + 4, 1],
    ['inside a packet', 24 + 18 + 17, 1],
  ])('calls a file that is cut %s truncated, and delivers what is whole', (_, length, count) => {
    const { packets, reader, error } = readAll(
      buildPcap([{ bytes: hex('0102') }, { bytes: hex('0304') }]).subarray(0, length),
    );
    expect(error).toBeNull();
    expect(reader.truncated).toBe(true);
    expect(packets).toHaveLength(count);
  });

  it('is whole without any packet', () => {
    const { reader, error } = readAll(buildPcap([]));
    expect(error).toBeNull();
    expect(reader.truncated).toBe(false);
    expect(reader.isOpen).toBe(true);
  });
});

describe('what is no capture', () => {
  it.each([
    ['nothing', '', 'test.pcap is empty', 'writes the capture'],
    ['gzip', '1f8b0800', 'test.pcap is compressed with gzip', 'gzip -dc FILE'],
    ['zstd', '28b52ffd00', 'test.pcap is compressed with zstd', 'zstd -dc FILE'],
    ['xz', 'fd377a585a00', 'test.pcap is compressed with xz', 'xz -dc FILE'],
    ['bzip2', '425a6839', 'test.pcap is compressed with bzip2', 'bzip2 -dc FILE'],
    [
      'text',
      '68656c6c6f',
      'test.pcap is not a pcap or pcapng capture (it begins with the bytes 68656c6c)',
      'tcpdump -w',
    ],
    [
      'three bytes',
      'd4c3b2',
      'test.pcap is not a pcap or pcapng capture (it begins with the bytes d4c3b2)',
      'tcpdump -w',
    ],
  ])('is refused with a cure: %s', (_, bytes, message, cure) => {
    for (const chunk of [1, 100]) {
      expect(readAll(hex(bytes), [chunk]).error).toMatchObject({
        code: 'capture_format',
        message,
        cure: expect.stringContaining(cure),
      });
    }
  });
});
