import { LRUCache } from 'lru-cache';
import type { Channel } from '../../../schemas/server-minute.ts';
import { counterGain } from './counter-gain.ts';
import type { AccountSample } from './server-sample.ts';

const MAX_ACCOUNTS = 10_000;
/** `Host` of sessions over a unix socket. */
const LOCAL = 'localhost';

/**
 * Puts the statements of accounts to the way they came. The server counts by account and tells of each session that is there how
 * it came:
 *
 * - An account whose sessions at both readings all came one way: so did its statements.
 * - Several ways: those of sessions that are there as each of them tells, where the server was asked; the rest, or else all, divided
 *   as its sessions were.
 * - No session at either reading: as those that were last seen of it. Never seen: `socket` where its host is `localhost`, else
 *   nothing is said.
 */
export class AccountChannels {
  private readonly lastSeen = new LRUCache<string, ReadonlyMap<Channel, number>>({ max: MAX_ACCOUNTS });

  /**
   * What came between two readings.
   *
   * @param own Statements of the watcher itself in between, which are left out.
   */
  between(
    before: readonly AccountSample[],
    after: readonly AccountSample[],
    own: bigint,
  ): Partial<Record<Channel, number>> {
    const earlier = new Map(before.map((account) => [keyOf(account), account]));
    const sums: Partial<Record<Channel, number>> = {};
    for (const account of after) {
      const key = keyOf(account);
      const previous = earlier.get(key);
      const { gain } = counterGain(previous?.questions ?? 0n, account.questions);
      const questions = Number(account.isOwn && gain > own ? gain - own : account.isOwn ? 0n : gain);
      const sessions = added(previous?.sessions, account.sessions);
      if (sessions.size > 0) this.lastSeen.set(key, sessions);
      const ways = sessions.size > 0 ? sessions : this.guess(account);
      const left = ways.size > 1 ? takeKnown(previous?.threads ?? null, account.threads, questions, sums) : questions;
      divide(left, ways, sums);
    }
    return sums;
  }

  private guess(account: AccountSample): ReadonlyMap<Channel, number> {
    return this.lastSeen.get(keyOf(account)) ?? (account.host === LOCAL ? SOCKET : NOTHING);
  }
}

const SOCKET: ReadonlyMap<Channel, number> = new Map([['socket', 1]]);
const NOTHING: ReadonlyMap<Channel, number> = new Map();

function keyOf({ user, host }: AccountSample): string {
  return `${user}\n${host}`;
}

function added(a: ReadonlyMap<Channel, number> | undefined, b: ReadonlyMap<Channel, number>): Map<Channel, number> {
  const sum = new Map(a);
  for (const [channel, sessions] of b) sum.set(channel, (sum.get(channel) ?? 0) + sessions);
  return sum;
}

/** What sessions ran that are there still. @returns What is left of the account's statements. */
function takeKnown(
  before: AccountSample['threads'],
  after: AccountSample['threads'],
  questions: number,
  sums: Partial<Record<Channel, number>>,
): number {
  let left = questions;
  if (before === null || after === null) return left;
  for (const [id, { channel, questions: now }] of after) {
    const { gain } = counterGain(before.get(id)?.questions ?? 0n, now);
    const known = Math.min(left, Number(gain));
    sums[channel] = (sums[channel] ?? 0) + known;
    left -= known;
  }
  return left;
}

/** The parts are whole and add up. */
function divide(
  questions: number,
  sessions: ReadonlyMap<Channel, number>,
  sums: Partial<Record<Channel, number>>,
): void {
  let sessionsLeft = 0;
  for (const count of sessions.values()) sessionsLeft += count;
  let left = questions;
  for (const [channel, count] of sessions) {
    const part = sessionsLeft === 0 ? 0 : Math.round((left * count) / sessionsLeft);
    sums[channel] = (sums[channel] ?? 0) + part;
    left -= part;
    sessionsLeft -= count;
  }
}
