import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What is slow to download or build stays here between runs; removing it costs only time. */
const CACHE = process.env['SQLTRAIL_TEST_CACHE'] ?? '/var/cache/sqltrail-test';

/**
 * A folder of the cache, made when it is not there yet. A making that fails leaves nothing behind that looks finished.
 * @param name Holds a version or hash of what it is made of, so that a change makes it anew.
 * @param make Fills the folder it is given. It must not write its path into the files: the folder is renamed afterwards.
 */
export function madeOnce(name: string, make: (folder: string) => void): string {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    make(partial);
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
  return folder;
}
