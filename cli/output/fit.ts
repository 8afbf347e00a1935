/**
 * Text in exactly `width` columns: cut with `…` or padded. Whatever an attacker put into it cannot move the cursor, change
 * colours or reorder the line: control and direction characters are shown as `·`.
 */
export function fit(text: string, width: number, alignRight: boolean): string {
  let shown = '';
  let used = 0;
  for (const character of text) {
    const safe = UNSAFE.test(character)
      ? character === '\n' || character === '\t' || character === '\r'
        ? ' '
        : '·'
      : character;
    if (safe === ' ' && shown.endsWith(' ')) continue;
    const columns = columnsOf(safe);
    if (used + columns > width) {
      return `${cut(shown, used, width)}…`;
    }
    shown += safe;
    used += columns;
  }
  const padding = ' '.repeat(width - used);
  return alignRight ? padding + shown : shown + padding;
}

/** Makes room for the `…` and fills the line where a wide character left a column free. */
function cut(shown: string, used: number, width: number): string {
  const characters = [...shown];
  let columns = used;
  while (columns > width - 1) columns -= columnsOf(characters.pop() ?? '');
  return characters.join('') + ' '.repeat(Math.max(0, width - 1 - columns));
}

/** Terminals give East Asian wide characters and emoji two columns (Unicode UAX #11), combining marks none. */
function columnsOf(character: string): number {
  if (NARROW.test(character)) return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

const NARROW = /^[\x20-\x7e·…]$/;
const UNSAFE = /[\p{Cc}\p{Cs}\p{Co}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
const COMBINING = /\p{M}/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
