import type { SqlMode } from '../../schemas/sql-text.ts';

/** Names of character sets come from clients: so many are shared, more than servers have. */
const MAX_CHARSETS = 256;

const modes = new Map<string, SqlMode[]>();

/** The mode of these parts: one object for all connections that read alike, so that it is in a near cache for each of them. */
export function sqlMode(charset: string, noBackslashEscapes: boolean | null, ansiQuotes: boolean | null): SqlMode {
  const at = 3 * third(noBackslashEscapes) + third(ansiQuotes);
  let ofCharset = modes.get(charset);
  if (ofCharset === undefined) {
    ofCharset = [];
    if (modes.size < MAX_CHARSETS) modes.set(charset, ofCharset);
  }
  ofCharset[at] ??= { charset, noBackslashEscapes, ansiQuotes };
  return ofCharset[at];
}

function third(value: boolean | null): number {
  return value === null ? 2 : Number(value);
}
