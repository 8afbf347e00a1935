import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import { openFailure, prepareStoreDirectory } from '../../../processors/store/store-directory.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';

const directory = temporaryDirectory();
const inside = (name: string) => join(directory.path, name);
afterAll(() => directory.remove());

describe('the directory of an embedded store', () => {
  it('is made for its owner alone', () => {
    expect(prepareStoreDirectory(inside('a/b'), true)).toBe(inside('a/b'));
    expect(existsSync(inside('a/b'))).toBe(true);
  });

  it('is not made by a question, and an empty one is no store', () => {
    expect(() => prepareStoreDirectory(inside('missing'), false)).toThrow(
      expect.objectContaining({ code: 'store_failed', exitCode: 1 }),
    );
    expect(existsSync(inside('missing'))).toBe(false);
    mkdirSync(inside('empty'));
    expect(() => prepareStoreDirectory(inside('empty'), false)).toThrow(/There is no store at/);
  });

  it('cannot be a file, lie under one, or have a name that the engine reads as a pattern', () => {
    writeFileSync(inside('file'), '');
    for (const name of ['file', 'file/below', 'a*b', 'a{b}', 'what?']) {
      expect(() => prepareStoreDirectory(inside(name), true)).toThrow(
        expect.objectContaining({ code: 'store_permission' }),
      );
    }
  });

  it('that is a file is not called missing, by a question either', () => {
    writeFileSync(inside('a-file'), '');
    expect(() => prepareStoreDirectory(inside('a-file'), false)).toThrow(/is not a directory/);
  });

  it.skipIf(process.getuid?.() === 0)('must be writable, by a question too', () => {
    mkdirSync(inside('locked'), { mode: 0o500 });
    for (const create of [true, false])
      expect(() => prepareStoreDirectory(inside('locked'), create)).toThrow(
        expect.objectContaining({ code: 'store_permission' }),
      );
    chmodSync(inside('locked'), 0o700);
  });

  it('is called busy only while the process that has it lives', () => {
    mkdirSync(inside('held'));
    writeFileSync(inside('held/status'), `PID: ${process.ppid}\nStarted at: now\n`);
    expect(openFailure(inside('held'), new Error('no'))).toMatchObject({ code: 'store_busy', retriable: true });
    writeFileSync(inside('held/status'), 'PID: 4194305\n');
    expect(openFailure(inside('held'), new Error('no'))).toMatchObject({ code: 'store_failed' });
  });

  it.skipIf(!hasChdb)('that another process has open is refused with its number', async () => {
    const path = inside('store');
    mkdirSync(path);
    const script = `require('chdb/connection').createChdbConnection({ path: ${JSON.stringify(path)} }); console.log('open'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(holder.stdout, 'data');
      await expect(ClickhouseClient.open({ kind: 'embedded', directory: path }, 'read')).rejects.toMatchObject({
        code: 'store_busy',
        message: expect.stringContaining(`process ${holder.pid}`),
      });
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
  });

  it.skipIf(!hasChdb)('opens again after a crash of the process that had it', async () => {
    const client = await ClickhouseClient.open({ kind: 'embedded', directory: inside('store') }, 'read');
    expect(await client.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await client.close();
  });
});
