import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CaptureReader } from '../../../edge/sources/capture-reader.ts';
import { NamedPipe } from '../../../edge/sources/named-pipe.ts';
import { pumpPipe } from '../../../edge/sources/pump-pipe.ts';

const HEADER = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');

/** A record of `size` bytes. */
function packet(size: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(size, 8);
  head.writeUInt32LE(size, 12);
  return Buffer.concat([head, Buffer.alloc(size)]);
}

/** Pumps what `write` writes until nobody can write any more. */
async function pump(write: (writeEnd: number) => Promise<void>, afterChunk: () => Promise<void> | void) {
  const pipe = NamedPipe.make()!;
  const sizes: number[] = [];
  const reader = new CaptureReader('test', (_bytes, start, end) => sizes.push(end - start));
  const pumped = pumpPipe(pipe, reader, afterChunk);
  await write(pipe.writeEnd);
  closeSync(pipe.writeEnd);
  await pumped;
  pipe.close();
  return sizes;
}

describe('pumpPipe', () => {
  it('takes many small pieces in few chunks, and delivers every packet', async () => {
    let chunks = 0;
    const sizes = await pump(
      async (writeEnd) => {
        writeSync(writeEnd, HEADER);
        for (let i = 0; i < 200; i++) {
          writeSync(writeEnd, packet(100));
          await new Promise(setImmediate);
        }
      },
      () => void chunks++,
    );
    expect(sizes).toEqual(new Array(200).fill(100));
    expect(chunks).toBeLessThan(100);
  });

  it('delivers many times what the pipe holds, to who takes its time, after silence too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqltrail-pump-'));
    writeFileSync(join(folder, 'some'), Buffer.concat([HEADER, ...new Array(2_000).fill(packet(2_100))]));
    writeFileSync(join(folder, 'more'), Buffer.concat(new Array(40).fill(packet(50_000))));
    let isSlow = false;
    const sizes = await pump(
      async (writeEnd) => {
        const script = `cat ${folder}/some; sleep 0.2; cat ${folder}/more`;
        spawn('sh', ['-c', script], { stdio: ['ignore', writeEnd, 'ignore'] });
      },
      () => {
        isSlow = !isSlow;
        return isSlow ? new Promise((resolve) => setTimeout(resolve, 1)) : undefined;
      },
    );
    rmSync(folder, { recursive: true });
    expect(sizes).toEqual([...new Array(2_000).fill(2_100), ...new Array(40).fill(50_000)]);
  });
});

describe('a named pipe', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('says whether there is nothing yet or nothing any more', () => {
    const pipe = NamedPipe.make()!;
    const buffer = Buffer.alloc(8);
    expect(pipe.read(buffer)).toBeNull();
    writeSync(pipe.writeEnd, 'abc');
    expect(pipe.read(buffer)).toBe(3);
    closeSync(pipe.writeEnd);
    expect(pipe.read(buffer)).toBe(0);
    pipe.close();
  });

  it('is not made where there is no place for it', () => {
    vi.stubEnv('TMPDIR', '/nonexistent');
    expect(NamedPipe.make()).toBeNull();
  });
});
