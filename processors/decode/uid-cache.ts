// Hot path
import { readUid, UID_WORDS } from '../../schemas/event-id.ts';
import type { ConnectionState } from './connection-state.ts';

const FIRST_SLOTS = 1024;
const MAX_SLOTS = 131_072;

/**
 * Finds the open connections that batches announced before by the bytes of their uid: with thousands of them nearly every
 * message comes with an announcement, and a text for each would cost more than its statement. Two slots for each place; what
 * does not fit is found by its text.
 */
export class UidCache {
  private readonly ended = new Uint32Array(UID_WORDS);
  private slots = FIRST_SLOTS;
  private words = new Int32Array(FIRST_SLOTS * UID_WORDS);
  private states: (ConnectionState | null)[] = new Array(FIRST_SLOTS).fill(null);

  /** @param at Of 16 bytes. @returns null where it is not known here. */
  find(bytes: Buffer, at: number): ConnectionState | null {
    const { words } = this;
    const first = word(bytes, at);
    let slot = this.slotOf(bytes, at, first);
    for (let i = 0; i < 2; i++, slot ^= 1) {
      const from = slot * UID_WORDS;
      if (
        words[from] !== first ||
        words[from + 1] !== word(bytes, at + 4) ||
        words[from + 2] !== word(bytes, at + 8) ||
        words[from + 3] !== word(bytes, at + 12)
      )
        continue;
      const state = this.states[slot];
      return state?.isKept ? state : null;
    }
    return null;
  }

  /** @param open How many connections are. */
  remember(bytes: Buffer, at: number, state: ConnectionState, open: number): void {
    if (open * 2 > this.slots && this.slots < MAX_SLOTS) this.grow(open);
    const first = word(bytes, at);
    const place = this.slotOf(bytes, at, first);
    const slot = this.states[place] === null || this.states[place ^ 1] !== null ? place : place ^ 1;
    this.states[slot] = state;
    for (let i = 0; i < UID_WORDS; i++) this.words[slot * UID_WORDS + i] = word(bytes, at + 4 * i);
  }

  /** The connection has ended: what is kept of it would be kept here as well. */
  forget(state: ConnectionState): void {
    readUid(state.facts.uid, this.ended, 0);
    const place = (swapped(this.ended[0]!) ^ swapped(this.ended[1]!)) & (this.slots - 1);
    if (this.states[place] === state) this.states[place] = null;
    if (this.states[place ^ 1] === state) this.states[place ^ 1] = null;
  }

  private grow(open: number): void {
    while (this.slots < open * 4 && this.slots < MAX_SLOTS) this.slots *= 2;
    this.words = new Int32Array(this.slots * UID_WORDS);
    this.states = new Array(this.slots).fill(null);
  }

  private slotOf(bytes: Buffer, at: number, first: number): number {
    return (first ^ word(bytes, at + 4)) & (this.slots - 1);
  }
}

function word(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** With its bytes in the opposite order. */
function swapped(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}
