import { readUid, UID_WORDS } from './event-id.ts';

const TWO_32 = 4294967296;
const words = new Uint32Array(UID_WORDS);

/**
 * The inverse of `eventId`: the position in its connection that an id names.
 * @returns null where the id is not one of this connection.
 */
export function eventSequence(uid: string, id: string): number | null {
  if (id.length !== 36 || uid.length !== 32 || id.slice(0, 8) !== uid.slice(0, 8)) return null;
  if (id.slice(9, 13) !== uid.slice(8, 12) || id.slice(14, 18) !== uid.slice(12, 16)) return null;
  readUid(uid, words, 0);
  const idHigh = Number.parseInt(id.slice(19, 23) + id.slice(24, 28), 16);
  const idLow = Number.parseInt(id.slice(28), 16);
  const low = idLow - words[3]!;
  const high = (idHigh - words[2]! - (low < 0 ? 1 : 0)) >>> 0;
  const sequence = high * TWO_32 + (low >>> 0);
  return Number.isSafeInteger(sequence) ? sequence : null;
}
