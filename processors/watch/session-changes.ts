import { isoTime } from '../../schemas/iso-time.ts';
import type { ServerRecord, SessionRecord } from '../../schemas/session-record.ts';
import type { ListedSession } from './process-list.ts';
import type { ServerFacts } from './watch-task.ts';

/** What a reading of a process list changes of what was known. To be taken in this order: sessions, gone, server. */
export interface SessionSweep {
  /** New ones, and those of which something has changed. */
  readonly sessions: readonly SessionRecord[];
  /** Connection ids. */
  readonly gone: readonly number[];
  readonly server: ServerRecord;
}

/** When a list was asked for and had been answered, µs since the epoch. */
export interface Reading {
  readonly askedUs: number;
  readonly answeredUs: number;
}

/** What the watcher is configured to say of a server. */
export interface ServerNames {
  readonly serverId: string;
  readonly addresses: readonly string[];
  readonly port: number;
}

/** Own logins that are remembered: any of them dates the sessions before it. */
const MAX_LOGINS = 100;

/** Follows one server's sessions from reading to reading. */
export class SessionChanges {
  private readonly names: ServerNames;
  private known = new Map<number, SessionRecord>();
  private startedUs = 0;
  /** Ids count up: whoever has a smaller one than a login of ours was there before it. Oldest first. */
  private logins: { connectionId: number; timeUs: number }[] = [];

  constructor(names: ServerNames) {
    this.names = names;
  }

  /** What an earlier run of the watcher published and is not gone. */
  restore(records: Iterable<SessionRecord>, startedUs: number): void {
    for (const record of records) this.known.set(record.connection_id, record);
    this.startedUs = startedUs;
  }

  /** The watcher has logged in. */
  loggedIn(facts: ServerFacts, timeUs: number): void {
    if (Math.abs(facts.startedUs - this.startedUs) > SAME_START_US) {
      this.startedUs = facts.startedUs;
      this.logins = [];
    }
    if (this.logins.length < MAX_LOGINS) this.logins.push({ connectionId: facts.connectionId, timeUs });
  }

  /** Those of a list that were not there before. */
  newOf(listed: readonly ListedSession[]): ListedSession[] {
    return listed.filter((session) => !this.isKnown(session));
  }

  /**
   * @param listed One reading, whole.
   * @param addressesOf Of a client's host; empty where they are not known.
   * @param attributesOf What is known of a new one beside its row.
   */
  sweep(
    listed: readonly ListedSession[],
    reading: Reading,
    addressesOf: (host: string) => readonly string[],
    attributesOf: (connectionId: number) => ClientAttributes | undefined,
  ): SessionSweep {
    const before = this.known;
    const now = new Map<number, SessionRecord>();
    const sessions: SessionRecord[] = [];
    for (const session of listed) {
      const old = this.isKnown(session) ? before.get(session.connectionId) : undefined;
      const record = this.record(session, reading, addressesOf(session.client.host), old, attributesOf);
      now.set(session.connectionId, record);
      if (record !== old) sessions.push(record);
    }
    const gone = [...before.keys()].filter((id) => !now.has(id));
    this.known = now;
    const { serverId, addresses, port } = this.names;
    const server: ServerRecord = {
      kind: 'server',
      server_id: serverId,
      addresses: [...addresses],
      port,
      started: isoTime(this.startedUs),
      asked: isoTime(reading.askedUs),
      answered: isoTime(reading.answeredUs),
      sessions: now.size,
    };
    return { sessions, gone, server };
  }

  /** The same session as before: ids begin anew with the server, and come from elsewhere then. */
  private isKnown({ connectionId, client }: ListedSession): boolean {
    const old = this.known.get(connectionId);
    return (
      old !== undefined &&
      old.client_port === client.port &&
      old.client_host === client.host &&
      old.since >= isoTime(this.startedUs - SAME_START_US)
    );
  }

  private record(
    session: ListedSession,
    { answeredUs }: Reading,
    addresses: readonly string[],
    old: SessionRecord | undefined,
    attributesOf: (connectionId: number) => ClientAttributes | undefined,
  ): SessionRecord {
    const { connectionId, userName, databaseName, client } = session;
    if (old === undefined) {
      const attributes = attributesOf(connectionId);
      const since = Math.min(answeredUs, this.loginAfter(connectionId));
      return {
        kind: 'session',
        server_id: this.names.serverId,
        connection_id: connectionId,
        user_name: userName,
        client_host: client.host,
        client_addresses: [...addresses],
        client_port: client.port,
        database_name: databaseName,
        client_program: attributes?.program ?? '',
        client_pid: attributes?.pid ?? '',
        since: isoTime(since),
        idle_since: isoTime(this.idleSince(session, since, answeredUs)),
        user_since: isoTime(answeredUs),
        database_since: isoTime(answeredUs),
      };
    }
    const isSameUser = old.user_name === userName;
    const isSameDatabase = old.database_name === databaseName;
    if (isSameUser && isSameDatabase && areEqual(old.client_addresses, addresses)) return old;
    return {
      ...old,
      user_name: userName,
      database_name: databaseName,
      client_addresses: [...addresses],
      ...(!isSameUser && { user_since: isoTime(answeredUs) }),
      ...(!isSameDatabase && { database_since: isoTime(answeredUs) }),
    };
  }

  /** Time is what a session can set itself (SET timestamp): never longer than the server runs. */
  private idleSince({ inStateUs }: ListedSession, sinceUs: number, answeredUs: number): number {
    const idleUs = answeredUs - inStateUs;
    return idleUs < this.startedUs ? sinceUs : Math.min(sinceUs, idleUs);
  }

  private loginAfter(connectionId: number): number {
    return this.logins.find((login) => connectionId < login.connectionId)?.timeUs ?? Number.POSITIVE_INFINITY;
  }
}

/** Of a client, as it says itself. */
export interface ClientAttributes {
  readonly program: string;
  readonly pid: string;
}

/** Uptime is in whole seconds, and the answer takes its time. */
const SAME_START_US = 5_000_000;

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
