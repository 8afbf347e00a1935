import { HostNames, type LookUp } from './host-names.ts';
import type { MysqlOptions } from './mysql-connection.ts';
import type { MysqlFault } from './mysql-fault.ts';
import { READ_SESSIONS, ReadSessions } from './read-sessions.ts';
import { ServerWatcher } from './server-watcher.ts';
import type { ServerNames, SessionSweep } from './session-changes.ts';
import type { WatchTask } from './watch-task.ts';

/** A server to be watched. */
export interface WatchedServer {
  readonly names: ServerNames;
  readonly mysql: MysqlOptions;
  /** Hosts of its process list that captures see under another address. */
  readonly clientAddresses: ReadonlyMap<string, string>;
}

export interface WatcherOptions {
  readonly intervalMs: number;
  /** Of each query. */
  readonly queryTimeoutMs: number;
  /** What else is asked of each server. */
  readonly moreTasks: (server: WatchedServer) => readonly WatchTask[];
  /** Takes each reading; the next of that server waits for it. */
  readonly onSweep: (sweep: SessionSweep) => Promise<void> | void;
  /** Each attempt at a server. @param fault Null: it answered. @param isNews The one before ended otherwise. */
  readonly onAttempt: (serverId: string, fault: MysqlFault | null, isNews: boolean) => void;
  readonly lookUp: LookUp;
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** A watched server as metrics and readiness show it. */
export interface WatchedState {
  readonly watcher: ServerWatcher;
  readonly sessions: ReadSessions;
  /** Of the last reading that was answered. */
  answerMs: number;
}

/** Watches servers, each over one connection and without regard to the others. */
export class Watcher {
  readonly hostNames: HostNames;
  readonly servers = new Map<string, WatchedState>();
  private readonly options: WatcherOptions;

  constructor(options: WatcherOptions) {
    this.options = options;
    this.hostNames = new HostNames(options.lookUp);
  }

  /** @param prepare Called before the first reading: what an earlier run knew of the server. */
  add(server: WatchedServer, prepare: (sessions: ReadSessions) => void = () => {}): void {
    const { options } = this;
    const { serverId } = server.names;
    const sessions = new ReadSessions({
      names: server.names,
      everyMs: options.intervalMs,
      hostNames: this.hostNames,
      clientAddresses: server.clientAddresses,
      onSweep: options.onSweep,
      nowUs: () => options.nowMs() * 1000,
    });
    prepare(sessions);
    let last: string | null = null;
    const watcher = new ServerWatcher({
      serverId,
      mysql: server.mysql,
      queryTimeoutMs: options.queryTimeoutMs,
      tasks: [sessions, ...options.moreTasks(server)],
      onAttempt: (task, fault, durationMs) => {
        const state = this.servers.get(serverId);
        if (task === sessions && fault === null && state !== undefined) state.answerMs = durationMs;
        const now = fault?.kind ?? 'answered';
        options.onAttempt(serverId, fault, last !== now && !(last === null && fault === null));
        last = now;
      },
      nowMs: options.nowMs,
      random: options.random,
    });
    this.servers.set(serverId, { watcher, sessions, answerMs: 0 });
  }

  /** A connection of this server speaks whose user is not known. */
  askSoon(serverId: string, delayMs: number): void {
    this.servers.get(serverId)?.watcher.askSoon(READ_SESSIONS, delayMs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.servers.values()].map(({ watcher }) => watcher.close()));
  }
}
