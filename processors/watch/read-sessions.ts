import type { HostNames } from './host-names.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { MysqlFault } from './mysql-fault.ts';
import { type ListedSession, type ProcessList, processList, SHOWN_LIST } from './process-list.ts';
import { hasProcessRight, processRefused } from './process-right.ts';
import { readAttributes } from './session-attributes.ts';
import { type ClientAttributes, type ServerNames, SessionChanges, type SessionSweep } from './session-changes.ts';
import type { ServerFacts, WatchTask } from './watch-task.ts';

export interface ReadSessionsOptions {
  readonly names: ServerNames;
  readonly everyMs: number;
  readonly hostNames: HostNames;
  /** Hosts of the process list that captures see under another address. */
  readonly clientAddresses: ReadonlyMap<string, string>;
  /** Takes each reading; the next waits for it. */
  readonly onSweep: (sweep: SessionSweep) => Promise<void> | void;
  readonly nowUs: () => number;
}

export const READ_SESSIONS = 'sessions';
/** Beyond it, sessions of a server are not looked at; they are counted. */
const MAX_SESSIONS = 200_000;
const NAMES_LIMIT_MS = 2_000;

/**
 * Reads the process list of a server: one query a reading, and one for the attributes of sessions that are new in it. A user who would
 * not see others is a fault, not an empty server.
 */
export class ReadSessions implements WatchTask {
  readonly name = READ_SESSIONS;
  readonly everyMs: number;
  readonly changes: SessionChanges;
  /** `beyond`: sessions of the last reading that were too many. */
  readonly counters = { sessions: 0, unresolved: 0, beyond: 0 };
  private readonly options: ReadSessionsOptions;
  private loggedInUs = 0;
  private list: ProcessList = SHOWN_LIST;
  private hasAttributes = false;

  constructor(options: ReadSessionsOptions) {
    this.options = options;
    this.everyMs = options.everyMs;
    this.changes = new SessionChanges(options.names);
  }

  async run(connection: MysqlConnection, facts: ServerFacts, timeoutMs: number): Promise<void> {
    const { options, changes } = this;
    if (facts.loggedInUs !== this.loggedInUs) {
      if (!(await hasProcessRight(connection, timeoutMs))) {
        connection.close();
        throw processRefused();
      }
      this.loggedInUs = facts.loggedInUs;
      this.list = processList(facts);
      this.hasAttributes = facts.hasPerformanceSchema;
      changes.loggedIn(facts, facts.loggedInUs);
    }
    const askedUs = options.nowUs();
    const listed = await this.read(connection, timeoutMs);
    const answeredUs = options.nowUs();
    const attributes = await this.attributes(connection, changes.newOf(listed), timeoutMs);
    await this.learnNames(listed);
    const sweep = changes.sweep(
      listed,
      { askedUs, answeredUs },
      (host) => this.addresses(host) ?? [],
      (id) => attributes.get(id),
    );
    this.counters.sessions = listed.length;
    this.counters.unresolved = listed.filter(({ client }) => (this.addresses(client.host) ?? []).length === 0).length;
    await options.onSweep(sweep);
  }

  private async read(connection: MysqlConnection, timeoutMs: number): Promise<ListedSession[]> {
    try {
      return await this.ask(connection, timeoutMs);
    } catch (error) {
      // What is no server of its own may know no tables, and still show its list.
      if (!(error instanceof MysqlFault) || error.isFatal || error.kind === 'slow' || this.list === SHOWN_LIST)
        throw error;
      this.list = SHOWN_LIST;
      return this.ask(connection, timeoutMs);
    }
  }

  private async ask(connection: MysqlConnection, timeoutMs: number): Promise<ListedSession[]> {
    const { list } = this;
    const listed: ListedSession[] = [];
    let beyond = 0;
    await connection.query(
      list.sql,
      (row) => {
        const session = list.read(row);
        if (session === null) return;
        if (listed.length < MAX_SESSIONS) listed.push(session);
        else beyond++;
      },
      timeoutMs,
    );
    this.counters.beyond = beyond;
    return listed;
  }

  /** Who may not see them goes without; it is not asked again on this connection. */
  private async attributes(
    connection: MysqlConnection,
    sessions: readonly ListedSession[],
    timeoutMs: number,
  ): Promise<ReadonlyMap<number, ClientAttributes>> {
    if (!this.hasAttributes || sessions.length === 0) return new Map();
    try {
      return await readAttributes(connection, sessions, timeoutMs);
    } catch (error) {
      if (!(error instanceof MysqlFault) || error.isFatal) throw error;
      this.hasAttributes = false;
      return new Map();
    }
  }

  private async learnNames(listed: readonly ListedSession[]): Promise<void> {
    const names = new Set<string>();
    for (const { client } of listed) if (this.addresses(client.host) === null) names.add(client.host);
    if (names.size > 0) await this.options.hostNames.learn(names, NAMES_LIMIT_MS);
  }

  private addresses(host: string): readonly string[] | null {
    const mapped = this.options.clientAddresses.get(host);
    return mapped === undefined ? this.options.hostNames.addresses(host) : [mapped];
  }
}
