import type { SqlMode } from './sql-text.ts';

/** Whether JSON of anyone says how to read a text. */
export function isSqlMode(value: unknown): value is SqlMode {
  if (typeof value !== 'object' || value === null) return false;
  const { charset, noBackslashEscapes, ansiQuotes } = value as SqlMode;
  return (
    typeof charset === 'string' &&
    (noBackslashEscapes === null || typeof noBackslashEscapes === 'boolean') &&
    (ansiQuotes === null || typeof ansiQuotes === 'boolean')
  );
}
