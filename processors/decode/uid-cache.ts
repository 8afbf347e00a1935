// Hot path
import { readUid, UID_WORDS } from '../../schemas/event-id.ts';
import type { ConnectionState } from './connection-state.ts';

const FIRST_PLACES = 1024;
const MAX_PLACES = 65_536;
/** So many in one bucket at most, the newest one gives way: nobody's choice of uids makes a search long. */
const MAX_IN_BUCKET = 8;
/** A row: the uid's words, then the place of the next one in the bucket. */
const NEXT = UID_WORDS;
const ROW_WORDS = 8;
const NO_PLACE = -1;

/**
 * Finds the open connections that batches announced before by the bytes of their uid: with thousands of them nearly every
 * message comes with an announcement, and a text for each would cost more than its statement. Rows lie in the order in which
 * connections came and there are about as many buckets as connections, so that a search misses few cache lines.
 */
export class UidCache {
  private readonly ended = new Uint32Array(UID_WORDS);
  private rows = new Int32Array(FIRST_PLACES * ROW_WORDS);
  private buckets = new Int32Array(FIRST_PLACES).fill(NO_PLACE);
  private readonly states: (ConnectionState | null)[] = [];
  private readonly free: number[] = [];

  /** @param at Of 16 bytes. @returns null where it is not known here. */
  find(bytes: Buffer, at: number): ConnectionState | null {
    const place = this.placeOf(word(bytes, at), word(bytes, at + 4), word(bytes, at + 8), word(bytes, at + 12));
    if (place === NO_PLACE) return null;
    const state = this.states[place]!;
    return state.isKept ? state : null;
  }

  remember(bytes: Buffer, at: number, state: ConnectionState): void {
    const first = word(bytes, at);
    const second = word(bytes, at + 4);
    const known = this.placeOf(first, second, word(bytes, at + 8), word(bytes, at + 12));
    if (known !== NO_PLACE) {
      this.states[known] = state;
      return;
    }
    const bucket = this.bucketOf(first, second);
    const isFull = this.countIn(bucket) === MAX_IN_BUCKET;
    const place = isFull ? this.buckets[bucket]! : this.newPlace();
    if (place === MAX_PLACES) return;
    this.states[place] = state;
    for (let i = 0; i < UID_WORDS; i++) this.rows[place * ROW_WORDS + i] = word(bytes, at + 4 * i);
    if (!isFull) this.link(place);
  }

  /** The connection has ended: what is kept of it would be kept here as well. */
  forget(state: ConnectionState): void {
    const { ended, rows, buckets } = this;
    readUid(state.facts.uid, ended, 0);
    const place = this.placeOf(ended[0]! | 0, ended[1]! | 0, ended[2]! | 0, ended[3]! | 0);
    if (place === NO_PLACE || this.states[place] !== state) return;
    const next = rows[place * ROW_WORDS + NEXT]!;
    const bucket = this.bucketOf(ended[0]!, ended[1]!);
    if (buckets[bucket] === place) buckets[bucket] = next;
    else {
      let before = buckets[bucket]!;
      while (rows[before * ROW_WORDS + NEXT] !== place) before = rows[before * ROW_WORDS + NEXT]!;
      rows[before * ROW_WORDS + NEXT] = next;
    }
    this.states[place] = null;
    this.free.push(place);
  }

  private placeOf(first: number, second: number, third: number, fourth: number): number {
    const { rows } = this;
    let place = this.buckets[this.bucketOf(first, second)]!;
    while (place !== NO_PLACE) {
      const row = place * ROW_WORDS;
      if (rows[row] === first && rows[row + 1] === second && rows[row + 2] === third && rows[row + 3] === fourth)
        return place;
      place = rows[row + NEXT]!;
    }
    return NO_PLACE;
  }

  private bucketOf(first: number, second: number): number {
    return (first ^ second) & (this.buckets.length - 1);
  }

  private countIn(bucket: number): number {
    let count = 0;
    let place = this.buckets[bucket]!;
    for (; place !== NO_PLACE; place = this.rows[place * ROW_WORDS + NEXT]!) count++;
    return count;
  }

  private link(place: number): void {
    const { rows } = this;
    const row = place * ROW_WORDS;
    const bucket = this.bucketOf(rows[row]!, rows[row + 1]!);
    rows[row + NEXT] = this.buckets[bucket]!;
    this.buckets[bucket] = place;
  }

  /** Of a row that nothing links to yet; MAX_PLACES when there is none. */
  private newPlace(): number {
    const place = this.free.pop() ?? this.states.length;
    if (place === this.buckets.length && place < MAX_PLACES) this.grow();
    return place;
  }

  /** Twice the places; each is linked anew. */
  private grow(): void {
    const places = this.buckets.length;
    const rows = new Int32Array(2 * places * ROW_WORDS);
    rows.set(this.rows);
    this.rows = rows;
    this.buckets = new Int32Array(2 * places).fill(NO_PLACE);
    for (let place = 0; place < places; place++) this.link(place);
  }
}

/** Most significant byte first, as `readUid` reads its text. */
function word(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
