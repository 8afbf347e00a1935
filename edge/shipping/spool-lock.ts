import { readFileSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SqltrailError } from '../../runtime/errors.ts';
import { makeDirectory } from './make-directory.ts';

const BEAT_MS = 1_000;
/** A holder whose process cannot be looked up from here, as it is in another container, beats at least as often. */
const SILENCE_MS = 5_000;
const LOOK_MS = 20;

/** Numbers of processes mean something within one boot of one machine and one namespace of them. */
const SCHEMA = z.object({
  pid: z.number().int().positive(),
  /** When it began, in the kernel's ticks: numbers are given again. */
  start: z.string(),
  boot: z.string(),
  pidNamespace: z.string(),
});
type Holder = z.infer<typeof SCHEMA>;

/**
 * Makes sure that one edge uses a spool directory at a time; makes the directory where it is missing. The lock of a process that was
 * killed holds nobody up for longer than `silenceMs`, in which this call waits.
 *
 * @returns Gives the lock back.
 * @throws SqltrailError `spool_failed` where another edge holds it, or the directory cannot be used.
 */
export function lockSpool(directory: string, silenceMs = SILENCE_MS): () => void {
  const path = join(directory, 'lock');
  try {
    makeDirectory(directory);
    const user = userOf(path, silenceMs);
    if (user !== null)
      throw new SqltrailError(
        'spool_failed',
        `the spool directory ${directory} is in use by ${user}`,
        'Stop that edge first, or give this one a directory of its own with --spool.',
      );
    rmSync(path, { force: true });
    // Fails where two come at once: one of them has made it.
    writeFileSync(path, JSON.stringify(thisProcess()), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (error instanceof SqltrailError) throw error;
    // On a full disk the spool is of little use, but capture goes on; who may not write here is told at once.
    if (codeOf(error) !== 'ENOSPC') {
      throw new SqltrailError(
        'spool_failed',
        `the spool directory ${directory} cannot be used (${codeOf(error)})`,
        'Give a directory on a local disk in which this user may write.',
        { cause: error },
      );
    }
  }
  const timer = setInterval(() => beat(path), BEAT_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    rmSync(path, { force: true });
  };
}

/** Who uses it; null: nobody. */
function userOf(path: string, silenceMs: number): string | null {
  const holder = readHolder(path);
  const own = thisProcess();
  if (holder === 'none') return null;
  if (holder !== null && holder.start !== '' && holder.boot === own.boot && holder.pidNamespace === own.pidNamespace)
    return startOf(holder.pid) === holder.start ? `process ${holder.pid}` : null;
  const before = beatOf(path);
  for (const until = Date.now() + silenceMs; Date.now() < until; ) {
    Atomics.wait(PAUSE, 0, 0, LOOK_MS);
    if (beatOf(path) !== before) return 'another edge, in another container perhaps';
  }
  return null;
}

/** Null where it says nothing that can be read. */
function readHolder(path: string): Holder | null | 'none' {
  try {
    return SCHEMA.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'none' : null;
  }
}

function thisProcess(): Holder {
  return {
    pid: process.pid,
    start: startOf(process.pid),
    boot: firstLine('/proc/sys/kernel/random/boot_id'),
    pidNamespace: linkText('/proc/self/ns/pid'),
  };
}

/** Empty where there is no such process, and where /proc is missing. */
function startOf(pid: number): string {
  const stat = firstLine(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function beat(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Without a lock file, as on a disk that was full, there is none to keep alive.
  }
}

function beatOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function linkText(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
