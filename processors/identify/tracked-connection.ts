import type { ConnectionFacts } from '../../schemas/audit-event.ts';
import { type ConnectionIdentity, NO_END_US } from '../../schemas/connection-identity.ts';
import type { KnownServer, KnownSession } from './known-session.ts';

/** The sessions on a connection's port that it may be, looked for once for each reading: a list may have any number of them. */
export interface Candidates {
  /** Of the table of sessions. */
  readonly version: number;
  readonly fromAddress: readonly KnownSession[];
  /** The only open session on the port, where its address is not known. */
  readonly onlyOne: KnownSession | null;
}

const NO_CANDIDATES: Candidates = { version: -1, fromAddress: [], onlyOne: null };

/** A captured connection whose login was not seen. Times are µs since the epoch. */
export class TrackedConnection {
  readonly facts: ConnectionFacts;
  firstUs: number;
  lastUs: number;
  /** Null while its end was not captured. */
  endUs: number | null = null;
  /** The server's thread id where it was captured, or became known; else 0. */
  connectionId = 0;
  /** From when on its events have a user by themselves (change_user); infinite: not yet. */
  userToldUs = Number.POSITIVE_INFINITY;
  /** From when on its commands told of a database. */
  databaseToldUs = Number.POSITIVE_INFINITY;
  /** Whose it is. */
  userName = '';
  databaseName = '';
  clientProgram = '';
  userUntilUs = NO_END_US;
  /** When that became known; 0: it is not. */
  knownUs = 0;
  /** Of what was told of it so far; 0: nothing. */
  version = 0;
  /** Null where it is not known, or was before a restart. */
  session: KnownSession | null = null;
  /** It outlived the session that it was taken for: what is told of its earlier events stays. */
  isRenewed = false;
  /** As of a version of the table: who it may be. Not part of the state. */
  candidates: Candidates = NO_CANDIDATES;

  constructor(facts: ConnectionFacts, timeUs: number) {
    this.facts = facts;
    this.firstUs = timeUs;
    this.lastUs = timeUs;
  }

  get isKnown(): boolean {
    return this.knownUs > 0;
  }

  bind(session: KnownSession, server: KnownServer): void {
    this.session = session;
    this.connectionId = session.connectionId;
    this.userName = session.userName;
    this.clientProgram = session.clientProgram;
    this.databaseName = session.databaseSinceUs < this.databaseToldUs ? session.databaseName : '';
    this.knownUs = server.answeredUs;
    this.userUntilUs = NO_END_US;
  }

  /** It is not that session's: only what comes from now on counts. */
  renew(timeUs: number): void {
    this.session = null;
    this.isRenewed = true;
    this.knownUs = 0;
    this.userName = '';
    this.databaseName = '';
    this.connectionId = 0;
    this.firstUs = timeUs;
    this.lastUs = timeUs;
  }

  /** To be told to those who keep earlier events. */
  identity(knownUs: number): ConnectionIdentity {
    this.version = Math.max(this.version + 1, Math.floor(knownUs));
    const databaseUntilUs = Math.min(this.databaseToldUs, NO_END_US);
    return {
      connectionUid: this.facts.uid,
      serverId: this.facts.serverId,
      userName: this.userName,
      userUntilUs: Math.min(this.userUntilUs, this.userToldUs),
      databaseName: this.databaseName,
      databaseUntilUs,
      connectionId: this.connectionId,
      clientProgram: this.clientProgram,
      firstUs: this.firstUs,
      lastUs: this.lastUs,
      knownUs: this.knownUs,
      version: this.version,
    };
  }
}
