import { type ClientCharset, characterLength } from './client-charset.ts';
import { isAscii } from './masked-text.ts';

const BACKSLASH = 0x5c;
const ESCAPED: ReadonlyMap<number, number> = new Map([
  [0x30, 0x00],
  [0x62, 0x08],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x5a, 0x1a],
]);

/**
 * The value of a string literal in plain quotes, `bytes[from, to)`, as the server takes it: doubled quotes and escapes undone.
 *
 * @returns Null where its characters cannot be told.
 */
export function stringValue(
  bytes: Uint8Array,
  from: number,
  to: number,
  escapes: boolean,
  set: ClientCharset,
): string | null {
  const quote = bytes[from]!;
  const value = Buffer.alloc(to - from);
  let length = 0;
  for (let at = from + 1; at < to - 1; ) {
    const c = bytes[at]!;
    if (c >= 0x80) {
      const size = Math.max(1, set.family === 'single' ? 1 : characterLength(set, bytes, at, to - 1));
      for (let i = 0; i < size; i++) value[length++] = bytes[at++]!;
      continue;
    }
    at++;
    if (c === quote) at++;
    else if (c === BACKSLASH && escapes) {
      const next = bytes[at++]!;
      // LIKE's own escapes keep their backslash.
      if (next === 0x25 || next === 0x5f) value[length++] = BACKSLASH;
      value[length++] = ESCAPED.get(next) ?? next;
      continue;
    }
    value[length++] = c;
  }
  const whole = value.subarray(0, length);
  if (isAscii(whole)) return whole.toString('latin1');
  if (set.label === '') return null;
  try {
    return new TextDecoder(set.label, { fatal: true, ignoreBOM: true }).decode(whole);
  } catch {
    return null;
  }
}
