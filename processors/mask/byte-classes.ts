/** What a byte can begin when it stands outside any token; index into the lexer's decision. */
export const PUNCT = 0;
export const SPACE = 1;
export const WORD = 2;
export const DIGIT = 3;
/** A byte >= 0x80: a letter, part of a character, or nothing at all, as the client's character set says. */
export const HIGH = 4;
export const QUOTE = 5;
export const DOUBLE_QUOTE = 6;
export const BACK_QUOTE = 7;
export const HASH = 8;
export const DASH = 9;
export const SLASH = 10;
export const STAR = 11;
export const DOT = 12;
export const AT = 13;
export const QUESTION = 14;
export const BACKSLASH = 15;
export const DOLLAR = 16;

/**
 * Class of each byte. Control characters count as white space: the server takes those that are not white space for
 * characters of their own (a syntax error), and none may reach a terminal.
 */
export const BYTE_CLASS: Uint8Array = buildClasses();

/** 1 for ASCII letters, digits, `_` and `$`: the bytes of an unquoted identifier. */
export const IS_WORD: Uint8Array = new Uint8Array(256);
/** 1 for `0`-`9`. */
export const IS_DIGIT: Uint8Array = new Uint8Array(256);
for (let c = 0; c < 128; c++) {
  IS_WORD[c] = /[A-Za-z0-9_$]/.test(String.fromCharCode(c)) ? 1 : 0;
  IS_DIGIT[c] = /[0-9]/.test(String.fromCharCode(c)) ? 1 : 0;
}

/** 1 for bytes that join with a neighbour into one word when nothing stands between: word bytes and all of >= 0x80. */
export const JOINS: Uint8Array = IS_WORD.map((word, c) => (word === 1 || c >= 0x80 ? 1 : 0));

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  for (let c = 0; c <= 0x20; c++) classes[c] = SPACE;
  classes[0x7f] = SPACE;
  for (let c = 0x30; c <= 0x39; c++) classes[c] = DIGIT;
  for (let c = 0x41; c <= 0x5a; c++) classes[c] = classes[c + 0x20] = WORD;
  classes[0x5f] = WORD;
  for (let c = 0x80; c <= 0xff; c++) classes[c] = HIGH;
  const singles: readonly (readonly [string, number])[] = [
    ["'", QUOTE],
    ['"', DOUBLE_QUOTE],
    ['`', BACK_QUOTE],
    ['#', HASH],
    ['-', DASH],
    ['/', SLASH],
    ['*', STAR],
    ['.', DOT],
    ['@', AT],
    ['?', QUESTION],
    ['\\', BACKSLASH],
    ['$', DOLLAR],
  ];
  for (const [character, kind] of singles) classes[character.charCodeAt(0)] = kind;
  return classes;
}
