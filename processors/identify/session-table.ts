import type { ConnectionFacts } from '../../schemas/audit-event.ts';
import { parseIsoTime } from '../../schemas/parse-iso-time.ts';
import type { ServerRecord, SessionRecord } from '../../schemas/session-record.ts';
import type { KnownServer, KnownSession } from './known-session.ts';

/** Sessions of all servers that are over and still remembered, for events that come late. */
const MAX_GONE = 50_000;
const GONE_KEPT_US = 3600 * 1e6;
/** Sessions that are open, of all servers; beyond it new ones are left out and counted. */
const MAX_SESSIONS = 1_000_000;

interface Server extends KnownServer {
  addresses: readonly string[];
  port: number;
  readonly byId: Map<number, KnownSession>;
  /** Also those that are gone. */
  readonly byPort: Map<number, Set<KnownSession>>;
  /** Since the last reading: they were gone by the next. */
  leaving: KnownSession[];
}

/** The sessions of all watched servers, by where they come from: `mysql.sessions.v1` as a table. */
export class SessionTable {
  readonly counters = { sessions: 0, leftOut: 0 };
  /** Grows with every reading of a server. */
  version = 0;
  private readonly servers = new Map<string, Server>();
  private readonly byEndpoint = new Map<string, Server[]>();
  private gone: { session: KnownSession; server: Server }[] = [];

  /** A session's record: new, or with something changed. */
  addSession(record: SessionRecord): void {
    const server = this.server(record.server_id);
    const old = server.byId.get(record.connection_id);
    if (old !== undefined && isSame(old, record)) {
      change(old, record, server);
      return;
    }
    if (old !== undefined) this.removeSession(record.server_id, record.connection_id);
    if (this.counters.sessions >= MAX_SESSIONS) {
      this.counters.leftOut++;
      return;
    }
    const session = knownSession(record);
    server.byId.set(record.connection_id, session);
    const onPort = server.byPort.get(session.clientPort);
    if (onPort === undefined) server.byPort.set(session.clientPort, new Set([session]));
    else onPort.add(session);
    this.counters.sessions++;
  }

  /** It is gone, as of the reading whose end `endReading` tells. */
  removeSession(serverId: string, connectionId: number): void {
    const server = this.servers.get(serverId);
    const session = server?.byId.get(connectionId);
    if (server === undefined || session === undefined) return;
    server.byId.delete(connectionId);
    session.lastAskedUs = Math.max(session.lastAskedUs, server.askedUs);
    server.leaving.push(session);
    this.gone.push({ session, server });
    this.counters.sessions--;
  }

  /** All of a reading has been given. */
  endReading(record: ServerRecord): void {
    const server = this.server(record.server_id);
    server.askedUs = timeOf(record.asked);
    server.answeredUs = timeOf(record.answered);
    server.startedUs = timeOf(record.started);
    server.port = record.port;
    this.nameEndpoints(server, record.addresses);
    for (const session of server.leaving) session.goneByUs = server.answeredUs;
    server.leaving = [];
    for (const session of server.byId.values()) session.lastAskedUs = server.askedUs;
    this.forgetGone(server.answeredUs);
    this.version++;
  }

  /** The watched server that a captured connection goes to; null where none is known to be it. */
  serverOf(facts: ConnectionFacts): KnownServer | null {
    const at = this.byEndpoint.get(endpointOf(facts.serverAddress, facts.serverPort));
    if (at !== undefined)
      return at.length === 1 ? at[0]! : (at.find((each) => each.serverId === facts.serverId) ?? null);
    const server = this.servers.get(facts.serverId);
    return server !== undefined && server.addresses.length === 0 && server.port === facts.serverPort ? server : null;
  }

  /** Sessions from this port, those that are over included. */
  onPort(server: KnownServer, port: number): ReadonlySet<KnownSession> {
    return this.servers.get(server.serverId)?.byPort.get(port) ?? NO_SESSIONS;
  }

  private server(serverId: string): Server {
    let server = this.servers.get(serverId);
    if (server === undefined) {
      server = {
        serverId,
        startedUs: 0,
        askedUs: 0,
        answeredUs: 0,
        addresses: [],
        port: 0,
        byId: new Map(),
        byPort: new Map(),
        leaving: [],
      };
      this.servers.set(serverId, server);
    }
    return server;
  }

  private nameEndpoints(server: Server, addresses: readonly string[]): void {
    if (server.addresses.join(' ') === addresses.join(' ')) return;
    for (const endpoint of server.addresses) {
      const others = (this.byEndpoint.get(endpoint) ?? []).filter((each) => each !== server);
      if (others.length > 0) this.byEndpoint.set(endpoint, others);
      else this.byEndpoint.delete(endpoint);
    }
    for (const endpoint of new Set(addresses))
      this.byEndpoint.set(endpoint, [...(this.byEndpoint.get(endpoint) ?? []), server]);
    server.addresses = addresses;
  }

  private forgetGone(nowUs: number): void {
    let count = 0;
    while (
      count < this.gone.length &&
      (this.gone.length - count > MAX_GONE || this.gone[count]!.session.lastAskedUs < nowUs - GONE_KEPT_US)
    )
      count++;
    for (const { session, server } of this.gone.splice(0, count)) {
      const onPort = server.byPort.get(session.clientPort);
      onPort?.delete(session);
      if (onPort?.size === 0) server.byPort.delete(session.clientPort);
    }
  }
}

/** Address and port as `addresses` of a server has them. */
export function endpointOf(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const NO_SESSIONS: ReadonlySet<KnownSession> = new Set();

/** The id of a session is used again only when its server begins anew. */
function isSame(session: KnownSession, record: SessionRecord): boolean {
  return session.clientPort === record.client_port && session.sinceUs === timeOf(record.since);
}

function knownSession(record: SessionRecord): KnownSession {
  return {
    connectionId: record.connection_id,
    clientAddresses: record.client_addresses,
    clientPort: record.client_port,
    userName: record.user_name,
    userSinceUs: timeOf(record.user_since),
    userBeforeUntilUs: 0,
    databaseName: record.database_name,
    databaseSinceUs: timeOf(record.database_since),
    clientProgram: record.client_program,
    sinceUs: timeOf(record.since),
    idleSinceUs: timeOf(record.idle_since),
    lastAskedUs: 0,
    goneByUs: Number.POSITIVE_INFINITY,
  };
}

function change(session: KnownSession, record: SessionRecord, server: Server): void {
  if (session.userName !== record.user_name) {
    session.userName = record.user_name;
    session.userSinceUs = timeOf(record.user_since);
    session.userBeforeUntilUs = server.askedUs;
  }
  session.databaseName = record.database_name;
  session.databaseSinceUs = timeOf(record.database_since);
  session.clientProgram = record.client_program;
  session.clientAddresses = record.client_addresses;
}

function timeOf(text: string): number {
  return parseIsoTime(text) ?? 0;
}
