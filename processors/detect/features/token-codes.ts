import { FIRST_FREE_CODE } from './words.ts';

/** Codes of tokens: a word's id (`words.ts`), or one of these. */
export const C_NAME = 0;
export const C_STRING = FIRST_FREE_CODE;
export const C_NUMBER = C_STRING + 1;
export const C_PARAMETER = C_STRING + 2;
export const C_VARIABLE = C_STRING + 3;
/** `@@` */
export const C_SYSTEM = C_STRING + 4;
/** Anything that is no token of SQL. */
export const C_STRAY = C_STRING + 5;
/** `||` */
export const C_PIPES = C_STRING + 6;
/** `&&` */
export const C_AMPERSANDS = C_STRING + 7;
/** Behind the last token. */
export const C_END = C_STRING + 8;
/** A byte of punctuation is this and the byte. */
export const C_PUNCT = C_STRING + 9;

export function punct(character: string): number {
  return C_PUNCT + character.charCodeAt(0);
}

export const OPEN = punct('(');
export const CLOSE = punct(')');
export const COMMA = punct(',');
export const SEMICOLON = punct(';');
export const DOT = punct('.');

/** What stands before a token. */
export const GAP_NONE = 0;
export const GAP_BLANK = 1;
/** A comment, maybe among blanks. */
export const GAP_COMMENT = 2;
/** One or more comments and nothing else. */
export const GAP_ONLY_COMMENT = 3;
/** A blank that nobody types: vertical tab, form feed, no-break space. */
export const GAP_ODD_BLANK = 4;
