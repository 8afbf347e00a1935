/** Longest name that is kept; the protocol's own names (user, database, program) have at most 255 characters. */
export const LONGEST_NAME = 256;

/** Controls, marks that hide or reorder text (Unicode TR 36), line separators, and halves of surrogate pairs. */
const FORGING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Every character that could forge what a person or a terminal sees, as U+FFFD. */
export function cleanText(text: string): string {
  return text.replace(FORGING, '\ufffd');
}

/**
 * A name that a client gave (user, database, program, attribute) as it may be shown, logged and stored: `cleanText` and
 * no longer than `LONGEST_NAME` characters (the rest is cut, marked by `…`).
 */
export function cleanName(name: string): string {
  return name.length > LONGEST_NAME ? `${cleanText(name.slice(0, LONGEST_NAME - 1))}…` : cleanText(name);
}
