import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../../edge/sources/capture-reader.ts';
import { SqltrailError } from '../../../runtime/errors.ts';
import { buildPcap, PcapngBuilder } from '../../support/capture-builder.ts';
import { readAll } from './read-all.ts';

const packet = fc.record({
  bytes: fc.uint8Array({ maxLength: 80 }),
  time: fc.bigInt({ min: 0n, max: 2n ** 50n }),
  originalBytes: fc.integer({ min: 0, max: 2000 }),
});

const pcap = fc
  .tuple(fc.array(packet, { maxLength: 12 }), fc.boolean(), fc.boolean(), fc.boolean())
  .map(([packets, bigEndian, nanoseconds, modified]) =>
    buildPcap(packets, { bigEndian, nanoseconds: nanoseconds && !modified, modified }),
  );

const pcapng = fc
  .array(fc.tuple(fc.boolean(), fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), packet), { maxLength: 8 })), {
    minLength: 1,
    maxLength: 3,
  })
  .map((sections) => Buffer.concat(sections.flatMap(([bigEndian, blocks]) => section(bigEndian, blocks))));

function section(bigEndian: boolean, blocks: readonly [number, { bytes: Uint8Array; time: bigint }][]): Buffer[] {
  const ng = new PcapngBuilder({ bigEndian });
  const body = blocks.map(([kind, p]) => {
    if (kind === 0) return ng.enhanced(0, p);
    if (kind === 1) return ng.simple(p);
    if (kind === 2) return ng.packet(0, p);
    if (kind === 3) return ng.statistics(0, [{ code: 7, value: p.time }]);
    return ng.block(0x0bad, (put) => put.bytes(p.bytes));
  });
  return [ng.section(), ng.interface(1, 40), ...body];
}

const capture = fc.oneof(pcap, pcapng);
const chunkLengths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 });

function outcome({ packets, reader, error }: ReturnType<typeof readAll>) {
  const failure = error instanceof SqltrailError ? error.message : error;
  return { packets, truncated: reader.truncated, drops: reader.droppedByKernel, count: reader.packets, failure };
}

describe('the capture reader', () => {
  it('gives the same packets wherever the chunks are cut', () => {
    fc.assert(
      fc.property(capture, chunkLengths, (bytes, lengths) => {
        const whole = outcome(readAll(bytes));
        expect(whole.failure).toBeNull();
        expect(whole.truncated).toBe(false);
        expect(outcome(readAll(bytes, lengths))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the packets that end before the cut of a file cut anywhere, and says that it was cut', () => {
    fc.assert(
      fc.property(pcap, fc.nat(), chunkLengths, (bytes, at, lengths) => {
        const length = 4 + (at % (bytes.length - 3));
        const ends: number[] = [];
        new CaptureReader('x', (_bytes, _start, end) => ends.push(end)).push(bytes);
        const cut = readAll(bytes.subarray(0, length), lengths);
        expect(cut.error).toBeNull();
        expect(cut.packets).toHaveLength(ends.filter((end) => end <= length).length);
        expect(cut.reader.truncated).toBe(length !== 24 && !ends.includes(length));
      }),
      { numRuns: 500 },
    );
  });

  it('throws nothing but its own error on damaged captures, the same wherever the chunks are cut', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(capture, damage, chunkLengths, (bytes, changes, lengths) => {
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const whole = readAll(bytes);
        if (whole.error !== null) expect(whole.error).toBeInstanceOf(SqltrailError);
        expect(outcome(readAll(bytes, lengths))).toEqual(outcome(whole));
        for (const { timeUs } of whole.packets) expect(Number.isSafeInteger(timeUs) && timeUs >= 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('throws nothing but its own error on any bytes after any magic number', () => {
    const magics = [
      '',
      'd4c3b2a1',
      'a1b2c3d4',
      '4d3cb2a1',
      'a1b23c4d',
      '0a0d0d0a1c0000004d3c2b1a',
      '0a0d0d0a0000001c1a2b3c4d',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...magics),
        fc.uint8Array({ maxLength: 300 }),
        chunkLengths,
        (magic, rest, lengths) => {
          const bytes = Buffer.concat([Buffer.from(magic, 'hex'), rest]);
          const whole = readAll(bytes);
          if (whole.error !== null) expect(whole.error).toBeInstanceOf(SqltrailError);
          expect(outcome(readAll(bytes, lengths))).toEqual(outcome(whole));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('gives the same packets where it is paused behind any of them', () => {
    fc.assert(
      fc.property(fc.oneof(pcap, pcapng), fc.array(fc.nat(60), { maxLength: 20 }), fc.nat(3), (bytes, cuts, every) => {
        let packets = 0;
        const seen: string[] = [];
        const reader: CaptureReader = new CaptureReader('x', (view, start, end, _original, timeUs) => {
          seen.push(`${timeUs} ${view.toString('hex', start, end)}`);
          if (packets++ % (every + 1) === 0) reader.pause();
        });
        for (const chunk of chunksOf(bytes, cuts)) {
          for (let at = 0, before = 0; at < chunk.length; before = packets) {
            at = reader.push(chunk, chunk.length, at);
            expect(at === chunk.length || packets > before).toBe(true);
          }
        }
        reader.end();
        expect(reader.readBytes).toBe(bytes.length);
        expect(seen).toEqual(readAll(bytes).packets.map(({ timeUs, hex }) => `${timeUs} ${hex}`));
      }),
    );
  });

  it('lets an error of the packet handler through', () => {
    const reader = new CaptureReader('x', () => {
      throw new RangeError('handler');
    });
    expect(() => reader.push(buildPcap([{ bytes: Buffer.from([1]) }]))).toThrow(RangeError);
  });
});

function chunksOf(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    if (length > 0 && at < bytes.length) chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (at < bytes.length) chunks.push(bytes.subarray(at));
  return chunks;
}
