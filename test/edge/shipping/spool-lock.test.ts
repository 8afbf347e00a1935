import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockSpool } from '../../../edge/shipping/spool-lock.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqltrail-lock-'));
  path = join(directory, 'lock');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The lock as this process writes it, with other fields. */
function holder(changed: Record<string, unknown>): string {
  lockSpool(directory, 0)();
  const release = lockSpool(directory, 0);
  const own = JSON.parse(readFileSync(path, 'utf8'));
  release();
  return JSON.stringify({ ...own, ...changed });
}

describe('the lock of a spool directory', () => {
  it('keeps a second edge out, in the same process too, until it is given back', () => {
    const release = lockSpool(directory, 0);
    expect(() => lockSpool(directory, 0)).toThrow(new RegExp(`in use by process ${process.pid}`));
    release();
    lockSpool(directory, 0)();
  });

  it('makes the directory, so that it is held before anything in it is touched', () => {
    const deeper = join(directory, 'a', 'b');
    const release = lockSpool(deeper, 0);
    expect(readdirSync(deeper)).toEqual(['lock']);
    release();
    expect(readdirSync(deeper)).toEqual([]);
  });

  it('of a process that is gone holds nobody up, nor of another that has its number now', () => {
    for (const changed of [{ pid: 2 ** 22 + 1 }, { start: '1' }, { pid: 1, start: '1' }]) {
      writeFileSync(path, holder(changed));
      lockSpool(directory, 0)();
    }
  });

  it('of a process in another container, whose number says nothing here, counts while it beats', async () => {
    const text = holder({ pidNamespace: 'pid:[1]', start: '1' });
    writeFileSync(path, text);
    const beating = spawn('sh', ['-c', `while :; do touch '${path}'; sleep 0.05; done`], { stdio: 'ignore' });
    try {
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(() => lockSpool(directory, 2_000)).toThrow(/in use by another edge/);
    } finally {
      beating.kill();
    }
    await new Promise((resolve) => beating.once('exit', resolve));
    lockSpool(directory, 200)();
  });

  it('is taken over where it cannot be read and nobody beats', () => {
    for (const text of ['', 'x', '{}', '1 12\n']) {
      writeFileSync(path, text);
      utimesSync(path, 0, 0);
      lockSpool(directory, 50)();
    }
  });
});
