import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqltrailError } from '../../runtime/errors.ts';

/**
 * Makes sure that one process uses a spool directory at a time. The lock of a process that was killed holds nobody up: it names
 * the process and when that began.
 * @returns Gives the lock back.
 * @throws SqltrailError `spool_failed` where another process holds it, or the file cannot be written.
 */
export function lockSpool(directory: string): () => void {
  const path = join(directory, 'lock');
  const holder = readHolder(path);
  if (holder !== null && holder.pid !== process.pid && startOf(holder.pid) === holder.start) {
    throw new SqltrailError(
      'spool_failed',
      `the spool directory ${directory} is in use by process ${holder.pid}`,
      'Stop that edge first, or give this one a directory of its own with --spool.',
    );
  }
  try {
    writeFileSync(path, `${process.pid} ${startOf(process.pid)}\n`, { mode: 0o600 });
  } catch (error) {
    // On a full disk the spool is of little use, but capture goes on; who may not write here is told at once.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') {
      throw new SqltrailError(
        'spool_failed',
        `the spool directory ${directory} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
        'Give a directory on a local disk in which this user may write.',
        { cause: error },
      );
    }
  }
  return () => rmSync(path, { force: true });
}

function readHolder(path: string): { pid: number; start: string } | null {
  try {
    const [pid, start] = readFileSync(path, 'utf8').trim().split(' ');
    return pid === undefined || start === undefined ? null : { pid: Number(pid), start };
  } catch {
    return null;
  }
}

/** When a process began, in the kernel's ticks; `gone` where there is none. Where /proc is missing every process has `gone`. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'gone';
  } catch {
    return 'gone';
  }
}
