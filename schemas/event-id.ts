// Hot path
/**
 * The event id is a UUID made of the connection and the command's position in it, so that reading the same packets again
 * gives the same ids: its high 64 bits are those of the connection uid, its low 64 bits are the uid's low half plus the
 * sequence, modulo 2^64. Ids of one connection therefore sort in the order of its commands (but for the wrap).
 */

/** Words per uid as written by {@link readUid}. */
export const UID_WORDS = 4;

const TWO_32 = 4294967296;

/**
 * Writes the 128 bits of a connection uid as four unsigned 32-bit words, most significant first, to `words[at..at+3]`.
 *
 * @param uid 32 hex digits; a character that is no hex digit counts as 0, so that any text gives an id.
 */
export function readUid(uid: string, words: Uint32Array, at: number): void {
  for (let word = 0; word < UID_WORDS; word++) {
    let value = 0;
    for (let digit = 0; digit < 8; digit++) value = (value << 4) | hexValue(uid.charCodeAt(word * 8 + digit));
    words[at + word] = value;
  }
}

/** The second lowest 32 bits of the event id of `sequence`, for a uid whose low half is `high:low`. */
export function eventIdHigh(high: number, low: number, sequence: number): number {
  const carry = low + (sequence >>> 0) >= TWO_32 ? 1 : 0;
  return (high + Math.floor(sequence / TWO_32) + carry) >>> 0;
}

/** The lowest 32 bits of the event id of `sequence`. */
export function eventIdLow(low: number, sequence: number): number {
  return (low + (sequence >>> 0)) >>> 0;
}

/**
 * The event id as text, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in lower case.
 *
 * @param uid The connection's uid, 32 lower-case hex digits.
 * @param sequence A whole number from 0 to 2^53.
 */
export function eventId(uid: string, sequence: number): string {
  readUid(uid, SCRATCH, 0);
  const low = SCRATCH[3] ?? 0;
  const high = hex32(eventIdHigh(SCRATCH[2] ?? 0, low, sequence));
  return `${uid.slice(0, 8)}-${uid.slice(8, 12)}-${uid.slice(12, 16)}-${high.slice(0, 4)}-${high.slice(4)}${hex32(eventIdLow(low, sequence))}`;
}

const SCRATCH = new Uint32Array(UID_WORDS);

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return 0;
}
