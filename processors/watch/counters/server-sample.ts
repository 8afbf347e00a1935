import type { Channel } from '../../../schemas/server-minute.ts';

/** One reading of a server's status variables. */
export interface ServerSample {
  /** Half way between question and answer, by the clock of the watcher; ms since the epoch. */
  readonly atMs: number;
  /** From question to answer. */
  readonly tookMs: number;
  /** A clock that is never set, at the same moment; only differences count. */
  readonly steadyMs: number;
  /** `Uptime`, in seconds. */
  readonly uptimeS: number;
  /** The connection it was read with: one with another id counts its own statements from 0. */
  readonly connectionId: number;
  /** `Questions` of that connection, the reading itself included. */
  readonly ownQuestions: bigint;
  /** Status variables in lower case: counters only. */
  readonly counters: ReadonlyMap<string, bigint>;
  /** Null where the server does not tell (no performance schema, or no right to read it). */
  readonly accounts: readonly AccountSample[] | null;
}

/** One session that there is. */
export interface ThreadSample {
  readonly channel: Channel;
  readonly questions: bigint;
}

/** One account (user and host) of a server. */
export interface AccountSample {
  readonly user: string;
  readonly host: string;
  /** `Questions` of all its sessions, those that are over too. */
  readonly questions: bigint;
  /** Sessions there are, by how they came. */
  readonly sessions: ReadonlyMap<Channel, number>;
  /** Each of these sessions by the id of its thread; null where the server was not asked. */
  readonly threads: ReadonlyMap<number, ThreadSample> | null;
  /** Whether it is the watcher's own. */
  readonly isOwn: boolean;
}
