import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { temporaryDirectory } from './chdb.ts';

vi.mock('chdb/connection', () => {
  throw new Error("Cannot find package 'chdb'");
});

const directory = temporaryDirectory();
afterAll(() => directory.remove());

it('says how to do without the embedded engine where it is not installed, and makes no directory', async () => {
  const path = join(directory.path, 'store');
  const opening = AuditStore.open({ kind: 'embedded', directory: path });
  await expect(opening).rejects.toMatchObject({
    code: 'store_unavailable',
    exitCode: 1,
    cure: expect.stringContaining('--store none'),
  });
  expect(existsSync(path)).toBe(false);
});
