import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../../edge/sources/capture-reader.ts';
import { pumpStream } from '../../../edge/sources/pump-stream.ts';

const HEADER = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');

/** A record of `size` bytes. */
function packet(size: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(size, 8);
  head.writeUInt32LE(size, 12);
  return Buffer.concat([head, Buffer.alloc(size)]);
}

describe('pumpStream with a pace', () => {
  it('takes many small pieces in few chunks, and delivers every packet', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    let packets = 0;
    const reader = new CaptureReader('test', () => {
      packets++;
    });
    let chunks = 0;
    const pumped = pumpStream(stream, reader, () => void chunks++, { paceMs: 300 });
    stream.write(HEADER);
    for (let i = 0; i < 200; i++) {
      stream.write(packet(100));
      await new Promise(setImmediate);
    }
    stream.end();
    await pumped;
    expect(packets).toBe(200);
    expect(chunks).toBeLessThan(50);
  });
});
