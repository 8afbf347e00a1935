import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storeError } from '../../../processors/store/store-errors.ts';
import { writeAroundRefused } from '../../../processors/store/write-around-refused.ts';

function refusal(code: string): Error {
  return storeError('Writing', Object.assign(new Error('refused'), { code, type: 'REFUSED' }));
}

/** A table that refuses blocks with any of these rows. */
function tableWithout(bad: ReadonlySet<number>, code = '469') {
  const taken: number[] = [];
  let writes = 0;
  const write = async (rows: readonly number[]) => {
    writes++;
    if (rows.some((row) => bad.has(row))) throw refusal(code);
    taken.push(...rows);
  };
  return { taken, write, writes: () => writes };
}

describe('writeAroundRefused', () => {
  it('takes every good row once and rejects every bad row once, in order', async () => {
    const rows = fc.integer({ min: 1, max: 500 });
    await fc.assert(
      fc.asyncProperty(rows, fc.uniqueArray(fc.nat(499), { maxLength: 60 }), async (count, badRows) => {
        const all = Array.from({ length: count }, (_, i) => i);
        const bad = new Set(badRows.filter((row) => row < count));
        const table = tableWithout(bad);
        const rejected: number[] = [];
        await writeAroundRefused(all, table.write, (row) => rejected.push(row));
        expect(table.taken).toEqual(all.filter((row) => !bad.has(row)));
        expect(rejected).toEqual([...bad].sort((a, b) => a - b));
      }),
    );
  });

  it('finds one bad row among 40,000 with few writes', async () => {
    const table = tableWithout(new Set([12_345]));
    await writeAroundRefused(
      Array.from({ length: 40_000 }, (_, i) => i),
      table.write,
      () => {},
    );
    expect(table.writes()).toBeLessThan(40);
  });

  it('names the code of the refusal', async () => {
    const seen: string[] = [];
    await writeAroundRefused([1, 2], tableWithout(new Set([2]), '321').write, (_, code) => seen.push(code));
    expect(seen).toEqual(['321']);
  });

  it('blames the table, and rejects no row, where it takes none for a reason that is no constraint', async () => {
    const all = Array.from({ length: 1000 }, (_, i) => i);
    const rejected: number[] = [];
    await expect(
      writeAroundRefused(all, tableWithout(new Set(all), '53').write, (row) => rejected.push(row)),
    ).rejects.toThrow('refuses every row');
    expect(rejected).toEqual([]);
    await writeAroundRefused(all, tableWithout(new Set(all), '469').write, (row) => rejected.push(row));
    expect(rejected).toHaveLength(1000);
  });

  it('passes on a failure that is no refusal', async () => {
    const away = refusal('210');
    await expect(
      writeAroundRefused(
        [1, 2],
        () => Promise.reject(away),
        () => {},
      ),
    ).rejects.toBe(away);
  });
});
