import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SqltrailError } from '../../runtime/errors.ts';

/** Where the engine keeps its table definitions. */
const STORE_MARK = 'metadata';
/** Holds the id of the process that has the store open; left behind by a crash. */
const STATUS_FILE = 'status';

/**
 * Checks the directory of an embedded store before the engine sees it, because the engine creates what is missing and
 * explains nothing.
 *
 * @param create Whether a missing directory is made (readable by its owner alone) or an error.
 * @returns Its absolute path.
 * @throws SqltrailError `store_permission` where it cannot be made or written, is no directory, or has a name the engine
 *   would read as a pattern; `store_failed` where it holds no store and `create` is false.
 */
export function prepareStoreDirectory(directory: string, create: boolean): string {
  const path = resolve(directory);
  if (/[*?{}\n]|::/.test(path)) {
    throw new SqltrailError(
      'store_permission',
      `The store directory ${path} has one of * ? { } :: in its path.`,
      'Choose a path without these characters: the engine reads them as a pattern.',
    );
  }
  if (!create && !existsSync(path)) throw noStore(path);
  try {
    if (create) makeDirectory(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = existsSync(path) && !statSync(path).isDirectory() ? 'is not a directory' : 'cannot be written';
    throw new SqltrailError(
      'store_permission',
      `The store directory ${path} ${reason}.`,
      'Choose another directory with --store DIR, or give this user the right to write there.',
      { cause },
    );
  }
  // Only now: what this user may not look into has no mark either, but is no missing store.
  if (!create && !existsSync(join(path, STORE_MARK)) && !existsSync(join(path, STATUS_FILE))) throw noStore(path);
  return path;
}

function noStore(path: string): SqltrailError {
  return new SqltrailError(
    'store_failed',
    `There is no store at ${path}.`,
    'Name the directory that `sqltrail run --store DIR` wrote, or record one first.',
  );
}

/** One level after another: `mkdirSync` with `recursive` never returns below /proc, where nothing can be made (Node 20). */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** What a refused opening of a prepared directory means: nearly always that another process has it. */
export function openFailure(path: string, cause: unknown): SqltrailError {
  const holder = holderOf(path);
  if (holder !== null) {
    return new SqltrailError(
      'store_busy',
      `The store ${path} is in use by another process${holder > 0 ? ` (process ${holder})` : ''}.`,
      'An embedded store belongs to one process at a time: stop that process, or keep the trail on a ClickHouse server (docs/operations.md).',
      { cause, retriable: true },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SqltrailError(
    'store_failed',
    `The store ${path} cannot be opened: ${reason}`,
    'Check that the directory was written by sqltrail, that its files belong to this user and that the disk is not full.',
    { cause },
  );
}

/** @returns The id of the living process named by the status file, or null. */
function holderOf(path: string): number | null {
  try {
    const pid = Number(/^PID: (\d+)/m.exec(readFileSync(join(path, STATUS_FILE), 'utf8'))?.[1]);
    if (!(pid > 0) || pid === process.pid) return null;
    process.kill(pid, 0);
    return pid;
  } catch (cause) {
    const denied = cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
    return denied ? 0 : null;
  }
}
