import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { FileSource } from '../../../edge/sources/file-source.ts';
import { buildPcap } from '../../support/capture-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqltrail-file-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;

function write(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function lengths(source: FileSource, signal = never, afterChunk: () => Promise<void> | void = () => undefined) {
  const found: number[] = [];
  await source.run((_bytes, start, end) => found.push(end - start), afterChunk, signal);
  return found;
}

describe('a file source', () => {
  it('delivers the packets of a file larger than its buffers', async () => {
    const packets = Array.from({ length: 4000 }, (_, i) => ({ bytes: Buffer.alloc(i % 1500, i) }));
    const capture = buildPcap(packets);
    const source = new FileSource(write('large.pcap', capture));
    let chunks = 0;
    const found = await lengths(source, never, async () => {
      chunks++;
    });
    expect(found).toEqual(packets.map((p) => p.bytes.length));
    expect(chunks).toBeGreaterThan(2);
    expect(source.counters()).toEqual({
      packets: 4000,
      bytes: packets.reduce((sum, p) => sum + p.bytes.length, 0),
      readBytes: capture.length,
      sizeBytes: capture.length,
      droppedByKernel: null,
      droppedByInterface: null,
      truncated: false,
    });
  });

  it('delivers what is whole of a file that was cut', async () => {
    const capture = buildPcap([{ bytes: Buffer.alloc(10) }, { bytes: Buffer.alloc(20) }]);
    const source = new FileSource(write('cut.pcap', capture.subarray(0, -1)));
    expect(await lengths(source)).toEqual([10]);
    expect(source.counters().truncated).toBe(true);
  });

  it('stops after an abort with what was already read', async () => {
    const source = new FileSource(write('abort.pcap', buildPcap(Array(8000).fill({ bytes: Buffer.alloc(1000) }))));
    const stop = new AbortController();
    const found = await lengths(source, stop.signal, () => stop.abort());
    expect(found.length).toBeGreaterThan(1000);
    expect(found.length).toBeLessThan(8000);
    expect(source.counters().truncated).toBe(false);
  });

  it('passes on what the packet handler and afterChunk throw', async () => {
    const path = write('throws.pcap', buildPcap(Array(3000).fill({ bytes: Buffer.alloc(1000) })));
    const throwing = () => {
      throw new RangeError('handler');
    };
    await expect(new FileSource(path).run(throwing, () => undefined, never)).rejects.toThrow(RangeError);
    await expect(lengths(new FileSource(path), never, () => Promise.reject(new TypeError('after')))).rejects.toThrow(
      TypeError,
    );
  });

  it.each([
    ['a missing file', 'absent.pcap', 'capture_unreadable', 'does not exist'],
    ['a file used as a folder', 'empty.pcap/x.pcap', 'capture_unreadable', 'does not exist'],
    ['a directory', '.', 'capture_unreadable', 'is a directory'],
    ['an empty file', 'empty.pcap', 'capture_format', 'is empty'],
    ['a compressed file', 'x.pcap.gz', 'capture_format', 'is compressed with gzip'],
  ])('refuses %s with a cure', async (_, name, code, message) => {
    write('empty.pcap', Buffer.alloc(0));
    write('x.pcap.gz', Buffer.from('1f8b0800', 'hex'));
    await expect(lengths(new FileSource(join(folder, name)))).rejects.toMatchObject({
      name: 'SqltrailError',
      code,
      message: expect.stringContaining(message),
      cure: expect.stringMatching(/.{10}/),
    });
  });

  it('refuses an empty device with a cure', async () => {
    await expect(lengths(new FileSource('/dev/null'))).rejects.toMatchObject({
      code: 'capture_format',
      message: '/dev/null is empty',
    });
  });

  it.skipIf(process.getuid?.() === 0)(
    'refuses a file that may not be read with a cure (skipped for root, who may)',
    async () => {
      const path = write('secret.pcap', buildPcap([]));
      chmodSync(path, 0);
      await expect(lengths(new FileSource(path))).rejects.toMatchObject({ code: 'capture_permission' });
    },
  );
});

describe('a named pipe', () => {
  const pipe = (name: string) => {
    const path = join(folder, name);
    execFileSync('mkfifo', [path]);
    return path;
  };

  it('is read to its end', async () => {
    const path = pipe('whole');
    const writer = spawn('sh', [
      '-c',
      `cat "$0" > "$1"`,
      write('for-pipe.pcap', buildPcap(Array(5000).fill({ bytes: Buffer.alloc(300) }))),
      path,
    ]);
    const source = new FileSource(path);
    expect(await lengths(source)).toHaveLength(5000);
    expect(source.counters().sizeBytes).toBeNull();
    expect(writer.pid).toBeGreaterThan(0);
  });

  it('is left on abort, with what was written so far delivered', async () => {
    const path = pipe('open');
    // Read and write: opening it waits for nobody, and it does not end.
    const end = openSync(path, 'r+');
    writeSync(end, buildPcap([{ bytes: Buffer.alloc(7) }]));
    const stop = new AbortController();
    const found = await lengths(new FileSource(path), stop.signal, () => {
      setImmediate(() => stop.abort());
    });
    expect(found).toEqual([7]);
  });
});

describe('standard input', () => {
  const program = fileURLToPath(new URL('read-standard-input.ts', import.meta.url));
  const run = (shell: string, path: string) =>
    execFileSync('sh', ['-c', shell, process.execPath, program, path], { encoding: 'utf8' }).trim();

  it.each([
    ['a pipe', 'cat "$2" | "$0" --import tsx "$1"'],
    ['a file', '"$0" --import tsx "$1" < "$2"'],
  ])('is read from %s', (_, shell) => {
    const path = write('stdin.pcap', buildPcap(Array(5000).fill({ bytes: Buffer.alloc(300) })));
    expect(run(shell, path)).toBe('5000 packets from standard input');
  });
});
