import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SqltrailError } from '../../runtime/errors.ts';
import { visibleText } from '../output/visible-text.ts';

export interface SmallFile {
  readonly bytes: Buffer;
  /** True where every user of the host may read it. */
  readonly isWorldReadable: boolean;
}

export interface SmallText {
  readonly text: string;
  readonly isWorldReadable: boolean;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a directory',
  ENOTDIR: 'does not exist',
  ELOOP: 'is a circle of links',
};

/**
 * A text file that a person wrote, or a pipe in its place.
 *
 * @param what Names it in errors: `The configuration`.
 * @param maxBytes Beyond it nothing is read.
 * @throws SqltrailError `config_invalid`: it is not there, not readable, too large, or no UTF-8.
 */
export function readSmallText(what: string, path: string, maxBytes: number): SmallText {
  const { bytes, isWorldReadable } = readSmallFile(what, path, maxBytes);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), isWorldReadable };
  } catch {
    throw fail(what, path, 'is no UTF-8 text');
  } finally {
    bytes.fill(0);
  }
}

/** The same of any bytes. @throws SqltrailError `config_invalid`: it is not there, not readable, or too large. */
export function readSmallFile(what: string, path: string, maxBytes: number): SmallFile {
  const buffer = Buffer.allocUnsafe(maxBytes + 1);
  let length = 0;
  let mode: number;
  try {
    const file = openSync(path, 'r');
    try {
      mode = fstatSync(file).mode;
      for (let read = -1; read !== 0 && length <= maxBytes; length += read) {
        read = readSync(file, buffer, length, maxBytes + 1 - length, null);
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw fail(what, path, REASONS[code] ?? `cannot be read (${code || 'unknown reason'})`, cause);
  }
  if (length > maxBytes) throw fail(what, path, `is larger than ${maxBytes / 1024} KiB`);
  return {
    bytes: buffer.subarray(0, length),
    isWorldReadable: (mode & 0o004) !== 0 && (mode & 0o170000) === 0o100000,
  };
}

function fail(what: string, path: string, reason: string, cause?: unknown): SqltrailError {
  return new SqltrailError(
    'config_invalid',
    `${what} ${visibleText(path)} ${reason}.`,
    'Check the path and its permissions.',
    { cause },
  );
}
