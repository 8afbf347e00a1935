import type { SqlMode } from './sql-text.ts';

/** Longer than MySQL's names of character sets. */
const LONGEST_CHARSET = 64;

/** Whether JSON of anyone says how to read a text. */
export function isSqlMode(value: unknown): value is SqlMode {
  if (typeof value !== 'object' || value === null) return false;
  const { charset, noBackslashEscapes, ansiQuotes } = value as SqlMode;
  return (
    typeof charset === 'string' &&
    charset.length <= LONGEST_CHARSET &&
    (noBackslashEscapes === null || typeof noBackslashEscapes === 'boolean') &&
    (ansiQuotes === null || typeof ansiQuotes === 'boolean')
  );
}
