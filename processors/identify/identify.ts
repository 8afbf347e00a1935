import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import type { KnownServer, KnownSession } from './known-session.ts';
import { CLOCK_MARGIN_US, isOnlyConnection, isSameConnection } from './same-connection.ts';
import type { SessionTable } from './session-table.ts';
import { readTracked, writeTracked } from './tracked-codec.ts';
import { type Candidates, TrackedConnection } from './tracked-connection.ts';

/** Connections without a login that are remembered per partition; beyond it the one first seen is forgotten, and counted. */
const MAX_TRACKED = 65_536;
/** Servers close idle connections after eight hours. */
const IDLE_US = 9 * 3600 * 1e6;
/** The end of a connection is waited out by so much for readings that were under way. */
const ENDED_KEPT_US = 120 * 1e6;
/** Behind a reading, by the clock: what was captured until then has arrived. */
const SETTLED_MS = 5_000;
/** The database changes at the beginning of a statement; what is executed in a comment is taken for one too. */
const USE = /(?:^|[;(*/!\d])\s*use\b/i;

export interface IdentifyOptions {
  readonly table: SessionTable;
  /** Takes what is known of a connection whose events went on without it. */
  readonly onIdentity: (identity: ConnectionIdentity) => void;
  /** A connection without a login speaks for the first time. */
  readonly onUnknown?: (event: AuditEvent) => void;
}

/**
 * Names the users of connections that are older than the capture, in one partition: events get user, database and program where
 * nothing captured tells them, and what is known only later is told once. It remembers such connections only; all others pass with
 * one comparison.
 */
export class Identify {
  /** `named`: connections; `unnamed`: ended or forgotten without a name. */
  readonly counters = { tracked: 0, named: 0, unnamed: 0, forgotten: 0 };
  private readonly table: SessionTable;
  private readonly options: IdentifyOptions;
  private readonly connections = new Map<string, TrackedConnection>();
  private readonly changed = new Set<string>();
  /** Capture time so far. */
  private streamUs = 0;
  private polledVersion = -1;
  private polledMs = 0;
  private arrivedMs = 0;

  constructor(options: IdentifyOptions) {
    this.options = options;
    this.table = options.table;
  }

  /** Connections whose user is not known (yet). */
  get waiting(): number {
    let count = 0;
    for (const connection of this.connections.values()) if (!connection.isKnown) count++;
    return count;
  }

  /** Changes the event in place. */
  apply(event: AuditEvent): void {
    if (event.timeUs > this.streamUs) this.streamUs = event.timeUs;
    if (event.userNameSource === 'unknown') this.name(event);
    else if (event.userNameSource === 'change_user') this.told(event);
  }

  /** The capture saw its end. */
  ended(uid: string, timeUs: number): void {
    const connection = this.connections.get(uid);
    if (connection === undefined) return;
    connection.endUs = Math.max(connection.lastUs, timeUs);
    if (connection.isKnown) this.forget(uid);
    else this.changed.add(uid);
  }

  /**
   * To be called about once a second: names connections that do not speak at present.
   * @param isCurrent Whether the events given last were captured just before.
   */
  poll(nowMs: number, isCurrent: boolean): void {
    if (this.polledVersion === this.table.version && nowMs - this.polledMs < SETTLED_MS) return;
    if (this.polledVersion !== this.table.version) this.arrivedMs = nowMs;
    this.polledVersion = this.table.version;
    this.polledMs = nowMs;
    const isQuiet = isCurrent && nowMs - this.arrivedMs >= SETTLED_MS;
    for (const [uid, connection] of this.connections) {
      const server = this.table.serverOf(connection.facts);
      if (server !== null) {
        if (connection.isKnown) this.follow(connection, server);
        else this.tryNaming(connection, server, isQuiet);
      }
      if (isOver(connection, server, this.streamUs)) this.forget(uid);
    }
  }

  stateKeys(): IterableIterator<string> {
    return this.connections.keys();
  }

  takeChanged(): ReadonlySet<string> {
    const changed = new Set(this.changed);
    this.changed.clear();
    return changed;
  }

  exportState(uid: string): string | null {
    const connection = this.connections.get(uid);
    return connection === undefined ? null : writeTracked(connection);
  }

  /** @returns false where the text, which anybody may have written, is no such state. */
  importState(uid: string, text: string): boolean {
    const connection = readTracked(uid, text);
    if (connection === null) return false;
    this.connections.set(uid, connection);
    return true;
  }

  private name(event: AuditEvent): void {
    // Refused before it had a user: nothing follows.
    if (event.command === 'connect' && !event.isTls) return;
    const { uid } = event.connection;
    let connection = this.connections.get(uid);
    if (connection === undefined) {
      connection = this.track(event);
      this.options.onUnknown?.(event);
    }
    this.changed.add(uid);
    const endUs = event.timeUs + event.durationUs;
    // The session it was taken for is gone, and it speaks: a part of the capture is missing in between.
    if (connection.session !== null && event.timeUs > connection.session.goneByUs + CLOCK_MARGIN_US)
      connection.renew(event.timeUs);
    connection.firstUs = Math.min(connection.firstUs, event.timeUs);
    connection.lastUs = Math.max(connection.lastUs, endUs);
    if (event.connectionId !== 0) connection.connectionId = event.connectionId;
    if (connection.databaseToldUs > event.timeUs && tellsDatabase(event)) {
      connection.databaseToldUs = event.timeUs;
      // What was told of it before holds until here.
      if (connection.isKnown && connection.databaseName !== '' && !connection.isRenewed)
        this.options.onIdentity(connection.identity(connection.knownUs));
    }
    if (!connection.isKnown) {
      const server = this.table.serverOf(event.connection);
      if (server !== null) this.tryNaming(connection, server, false);
    }
    if (connection.isKnown) fill(event, connection);
    if (event.command === 'quit') this.ended(uid, endUs);
  }

  private told(event: AuditEvent): void {
    const connection = this.connections.get(event.connection.uid);
    if (connection === undefined) return;
    connection.lastUs = Math.max(connection.lastUs, event.timeUs + event.durationUs);
    this.changed.add(event.connection.uid);
    if (event.timeUs >= connection.userToldUs) return;
    connection.userToldUs = event.timeUs;
    connection.databaseToldUs = Math.min(connection.databaseToldUs, event.timeUs);
    const { session } = connection;
    if (session === null || connection.isRenewed || session.userSinceUs < event.timeUs) return;
    // It came late, and the list has shown the new user already: what was told of the events before it is taken back.
    connection.userUntilUs = 0;
    this.options.onIdentity(connection.identity(connection.knownUs));
  }

  private track(event: AuditEvent): TrackedConnection {
    const { connections, counters } = this;
    if (connections.size >= MAX_TRACKED) {
      const oldest = connections.keys().next().value!;
      counters.forgotten++;
      this.forget(oldest);
    }
    const connection = new TrackedConnection(event.connection, event.timeUs);
    connections.set(event.connection.uid, connection);
    counters.tracked++;
    return connection;
  }

  private forget(uid: string): void {
    if (this.connections.get(uid)?.isKnown === false) this.counters.unnamed++;
    this.connections.delete(uid);
    this.changed.add(uid);
  }

  private tryNaming(connection: TrackedConnection, server: KnownServer, isQuiet: boolean): void {
    const session = this.find(connection, server, isQuiet);
    if (session === null) return;
    // Since a change of user that was captured the list shows the new one, and one may still be on its way.
    const shownUs = session.userSinceUs + CLOCK_MARGIN_US;
    if (shownUs > connection.userToldUs) return;
    if (shownUs > connection.lastUs && !this.isSettled(session, isQuiet)) return;
    connection.bind(session, server);
    this.counters.named++;
    this.changed.add(connection.facts.uid);
    if (!connection.isRenewed) this.options.onIdentity(connection.identity(server.answeredUs));
  }

  /** The one session that it is; null where there is none, or more than one could be it. */
  private find(connection: TrackedConnection, server: KnownServer, isQuiet: boolean): KnownSession | null {
    const { version } = this.table;
    if (connection.candidates.version !== version)
      connection.candidates = candidatesOf(
        version,
        connection.facts.clientAddress,
        this.table.onPort(server, connection.facts.clientPort),
      );
    const { fromAddress, onlyOne } = connection.candidates;
    let found: KnownSession | null = null;
    for (const session of fromAddress) {
      if (!isSameConnection(connection, session, server, this.isSettled(session, isQuiet))) continue;
      if (found !== null) return null;
      found = session;
    }
    return found ?? (onlyOne !== null && isOnlyConnection(connection, server) ? onlyOne : null);
  }

  /** What was captured until the last reading that showed the session has been looked at. */
  private isSettled(session: KnownSession, isQuiet: boolean): boolean {
    return isQuiet || this.streamUs > session.lastAskedUs + SETTLED_MS * 1000;
  }

  /** The user of the session changed without a captured command. */
  private follow(connection: TrackedConnection, server: KnownServer): void {
    const { session } = connection;
    if (session === null) return;
    if (
      session.databaseName !== connection.databaseName &&
      session.databaseSinceUs + CLOCK_MARGIN_US < connection.databaseToldUs
    ) {
      connection.databaseName = session.databaseName;
      this.changed.add(connection.facts.uid);
    }
    if (session.userName === connection.userName || connection.userToldUs < session.userSinceUs) return;
    connection.userUntilUs = session.userBeforeUntilUs;
    if (!connection.isRenewed) this.options.onIdentity(connection.identity(server.answeredUs));
    // From here on its events have the new one; what was told of the earlier stays.
    connection.isRenewed = true;
    connection.userName = session.userName;
    this.changed.add(connection.facts.uid);
  }
}

function candidatesOf(version: number, clientAddress: string, onPort: ReadonlySet<KnownSession>): Candidates {
  const fromAddress: KnownSession[] = [];
  let onlyOpen: KnownSession | null = null;
  let open = 0;
  for (const session of onPort) {
    if (session.clientAddresses.includes(clientAddress)) fromAddress.push(session);
    if (session.goneByUs !== Number.POSITIVE_INFINITY) continue;
    open++;
    onlyOpen = session;
  }
  // A server that names its clients by host names that nobody could resolve: the port alone says which.
  const isOnlyOne = open === 1 && onlyOpen?.clientAddresses.length === 0;
  return { version, fromAddress, onlyOne: isOnlyOne ? onlyOpen : null };
}

function fill(event: AuditEvent, connection: TrackedConnection): void {
  event.userName = connection.userName;
  event.userNameSource = 'processlist';
  if (event.databaseName === '' && event.timeUs < connection.databaseToldUs)
    event.databaseName = connection.databaseName;
  if (event.clientProgram === '') event.clientProgram = connection.clientProgram;
  if (event.connectionId === 0) event.connectionId = connection.connectionId;
}

function tellsDatabase({ databaseName, command, sql }: AuditEvent): boolean {
  if (databaseName !== '' || command === 'init_db') return true;
  return sql !== null && USE.test(sql.bytes.toString('latin1', sql.start, Math.min(sql.end, sql.start + LOOK_BYTES)));
}

const LOOK_BYTES = 64 * 1024;

/** By capture time, as everything of a connection: what is read late, or from a file, lives as long. */
function isOver(connection: TrackedConnection, server: KnownServer | null, streamUs: number): boolean {
  const { endUs, lastUs } = connection;
  if (endUs === null) return streamUs - lastUs > IDLE_US;
  return streamUs - endUs > 5 * ENDED_KEPT_US || (server !== null && server.answeredUs > endUs + ENDED_KEPT_US);
}
