import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertStateFile } from '../../../processors/alert/alert-state-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqltrail-alerts-'));
  path = join(folder, 'alerts', 'state.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cycle = (position: number, texts: readonly (readonly [string, string | null])[]) => ({
  position,
  head: `h${position}`,
  texts: new Map(texts),
  blobs: new Map<string, Buffer>(),
  deleted: [],
});

describe('the state of alerts in a file', () => {
  it('is empty where there was none', async () => {
    const state = new AlertStateFile(path);
    expect(await state.restore()).toMatchObject({ position: null, texts: new Map() });
    await state.close();
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('is what was written last, after any end', async () => {
    const state = new AlertStateFile(path);
    await state.restore();
    await state.write(
      cycle(3, [
        ['a', '1'],
        ['b', '2'],
      ]),
    );
    await state.write(
      cycle(5, [
        ['a', null],
        ['c', 'line\nbreak'],
      ]),
    );
    // No close: as after a kill.
    const next = new AlertStateFile(path);
    const kept = await next.restore();
    expect(kept).toMatchObject({ position: 5, head: 'h5' });
    expect([...kept.texts]).toEqual([
      ['b', '2'],
      ['c', 'line\nbreak'],
    ]);
    await next.close();
    await state.close();
  });

  it('is without what could not be read, once that was said', async () => {
    const state = new AlertStateFile(path);
    await state.restore();
    await state.write(
      cycle(3, [
        ['a', 'of another version'],
        ['b', '2'],
      ]),
    );
    await state.write({ ...cycle(4, [['c', '3']]), deleted: ['a'] });
    const next = new AlertStateFile(path);
    expect([...(await next.restore()).texts.keys()]).toEqual(['b', 'c']);
    await next.close();
    await state.close();
  });

  it('is without the cycle whose line was torn, and goes on behind it', async () => {
    const state = new AlertStateFile(path);
    await state.restore();
    await state.write(cycle(3, [['a', '1']]));
    await state.write(cycle(9, [['a', '2']]));
    await state.close();
    truncateSync(path, statSync(path).size - 7);
    const next = new AlertStateFile(path);
    expect(await next.restore()).toMatchObject({ position: 3, texts: new Map([['a', '1']]) });
    await next.write(cycle(4, [['b', '3']]));
    await next.close();
    appendFileSync(path, 'garbage\n{"position":"x"}\n');
    expect(await new AlertStateFile(path).restore()).toMatchObject({
      position: 4,
      texts: new Map([
        ['a', '1'],
        ['b', '3'],
      ]),
    });
  });

  it('is written anew before it grows without bound', async () => {
    const state = new AlertStateFile(path);
    await state.restore();
    const text = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 30; i++) await state.write(cycle(i, [['a', text + i]]));
    await state.close();
    expect(readFileSync(path).length).toBeLessThan(12 * 1024 * 1024);
    expect((await new AlertStateFile(path).restore()).texts.get('a')).toBe(`${text}29`);
  });
});
