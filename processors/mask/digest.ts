import { createHash, hash } from 'node:crypto';
import { isKeyword } from './keywords.ts';
import { MaskedTokens } from './masked-tokens.ts';

/** Longest word that can be a keyword. */
const LONGEST_KEYWORD = 32;
/** After these a bare word names a table or schema, however much it looks like a keyword. */
const BEFORE_NAMES: ReadonlySet<string> = new Set([
  'from',
  'join',
  'into',
  'update',
  'table',
  'use',
  'database',
  'schema',
]);
/** What may follow the rows of VALUES; anything else makes a `+` an operator. */
const AFTER_ROWS: ReadonlySet<string> = new Set([
  'on',
  'as',
  'union',
  'order',
  'limit',
  'returning',
  'except',
  'intersect',
]);

/** Texts beyond this many characters are hashed piece by piece. */
const PIECE = 1 << 16;

/**
 * The form of a masked text that its digest is made of: tokens one blank apart, keywords and built-in functions in lower
 * case, one row or many of VALUES alike, no closing semicolon. Names keep their case: `Users` and `users` are two tables.
 *
 * @param onPiece Receives the form in pieces of some 64 KiB.
 */
export function eachDigestPiece(masked: string, onPiece: (piece: string) => void): void {
  const tokens = new MaskedTokens(masked);
  let piece = '';
  let isFirst = true;
  let previous = '';
  let depth = 0;
  /** Depth of the rows after VALUES; -1 elsewhere. */
  let rowsAt = -1;
  let isRowEnd = false;
  let heldPlus = false;
  let heldSemicolons = 0;
  for (tokens.next(); tokens.kind !== 'end'; tokens.next()) {
    let value = tokens.value;
    if (value === ';') {
      heldSemicolons++;
      heldPlus = false;
      isRowEnd = false;
      continue;
    }
    if (tokens.kind === 'word') value = foldCase(tokens, value, previous);
    if (heldSemicolons > 0) piece += ' ;'.repeat(heldSemicolons);
    heldSemicolons = 0;
    if (heldPlus && !(value === ',' || value === ')' || AFTER_ROWS.has(value) || tokens.kind === 'open')) piece += ' +';
    heldPlus = value === '+' && isRowEnd;
    isRowEnd = false;
    if (heldPlus) continue;
    if (value === '(') depth++;
    else if (value === ')') {
      depth--;
      isRowEnd = rowsAt === depth;
    }
    if (value === 'values' || value === 'value') rowsAt = depth;
    else if (depth < rowsAt || (depth === rowsAt && tokens.kind === 'word' && value !== 'row')) rowsAt = -1;
    piece += isFirst ? value : ` ${value}`;
    isFirst = false;
    previous = value;
    if (piece.length >= PIECE) {
      onPiece(piece);
      piece = '';
    }
  }
  onPiece(piece);
}

/** The first 128 bits of SHA-256 over the digest form in UTF-8, 32 lower-case hex digits. */
export function digestOf(masked: string): string {
  if (masked.length < PIECE / 2) {
    let form = '';
    eachDigestPiece(masked, (piece) => {
      form += piece;
    });
    return hash('sha256', form, 'hex').slice(0, 32);
  }
  const hasher = createHash('sha256');
  eachDigestPiece(masked, (piece) => hasher.update(piece));
  return hasher.digest('hex').slice(0, 32);
}

function foldCase(tokens: MaskedTokens, value: string, previous: string): string {
  if (value.length > LONGEST_KEYWORD || previous === '.' || previous === '@@' || BEFORE_NAMES.has(previous)) {
    return isClauseWord(value) ? value.toLowerCase() : value;
  }
  if (tokens.text.charCodeAt(tokens.end) === 0x2e) return value;
  const lower = value.toLowerCase();
  return isKeyword(lower) ? lower : value;
}

/** Words that stand between `FROM`, `INTO` … and the name: keywords even there. */
function isClauseWord(value: string): boolean {
  return CLAUSE_WORDS.has(value.length > LONGEST_KEYWORD ? value : value.toLowerCase());
}

const CLAUSE_WORDS: ReadonlySet<string> = new Set(
  'select lateral dual table only if not exists low_priority ignore high_priority delayed outfile dumpfile'.split(' '),
);
