import { AuditEvent, type ConnectionFacts, type UserNameSource } from '../../schemas/audit-event.ts';
import { type SqlMode, SqlText } from '../../schemas/sql-text.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import { sqlMode } from './sql-modes.ts';

/** A server closes statements a client forgot only at the end: beyond this many the oldest is forgotten here. */
const MAX_PREPARED = 16_384;
/** Commands that wait for their response; beyond it the oldest goes on without. */
const MAX_PENDING = 16_384;

/** Everything decode remembers of one connection. */
export class ConnectionState {
  // What each message needs stands first and so in few cache lines, which counts with thousands of connections.
  /** Replaced once, where a proxy in front names the real client. */
  facts: ConnectionFacts;
  /** It is among the open connections. */
  isKept = false;
  /** Sequence of the last message taken: what comes again at or below it is skipped. */
  lastSequence = 0;
  /** Capture time of that message. */
  lastUs = 0;
  /** The login that waits for the server's answer. */
  login: AuditEvent | null = null;
  /** The oldest command that waits for its response: nearly always the only one, so it needs no list. */
  oldest: AuditEvent | null = null;
  /** Those behind it, oldest first; null when there are none. */
  later: AuditEvent[] | null = null;
  fragmentSequence = 0;
  /** Payloads of executes that were sent before their prepare was answered, by sequence; only where raw text is kept. */
  unread: Map<number, Buffer> | null = null;
  mode: SqlMode = UNKNOWN_MODE;
  connectionId = 0;
  serverVersion = '';
  isTls = false;
  userName = '';
  userNameSource: UserNameSource = 'unknown';
  databaseName = '';
  clientProgram = '';
  inTransaction = false;

  /** Whose run it was captured in (`BatchOrigin`). */
  edgeId = '';
  runUs = 0;
  /** What the server offered in its greeting; all of it where that was not seen. */
  offeredCapabilities = 0xffff_ffff;
  /** Capabilities that client and server share; null until a login was seen. */
  capabilities: number | null = null;
  /** Character set of the login or the last change of user, which a reset of the connection brings back; empty when unknown. */
  loginCharset = '';
  /** Gaps in the client's bytes so far. */
  clientGaps = 0;
  readonly prepared = new Map<number, PreparedStatement>();
  /** Another object whenever anything of `prepared` changes. */
  preparedVersion: object = {};
  /** The greatest id known of this connection (`prepared-ids.ts`). */
  lastPreparedId = 0;
  /** A PREPARE may have gone unseen since, as before a login that was not seen: what the next id stands for is then not known. */
  mayHaveMissedPrepare = true;
  /** Statements whose answer, and with it the id, was not captured, in the order of their PREPARE. */
  unnumbered: PreparedStatement[] = [];
  /** `clientGaps` at the PREPARE sent last; -1 before the first. */
  gapsAtPrepare = -1;
  /** Fragments of a command that is not whole yet, and the sequence of the first. */
  fragments: Buffer[] = [];
  fragmentBytes = 0;
  /** There was no room for a fragment of it: those that follow are left out. */
  isFragmentCut = false;

  constructor(facts: ConnectionFacts) {
    this.facts = facts;
  }

  /** A new event with what is known of the session now. */
  newEvent(command: string, sequence: number, timeUs: number): AuditEvent {
    const event = new AuditEvent(this.facts);
    event.command = command;
    event.sequence = sequence;
    event.timeUs = timeUs;
    event.connectionId = this.connectionId;
    event.serverVersion = this.serverVersion;
    event.isTls = this.isTls;
    event.userName = this.userName;
    event.userNameSource = this.userNameSource;
    event.databaseName = this.databaseName;
    event.clientProgram = this.clientProgram;
    event.inTransaction = this.inTransaction;
    return event;
  }

  /**
   * Bytes of the client were not captured. A SET NAMES or SET sql_mode may be among them, so what they set is not believed any more:
   * what is masked by it would leak. User and database stay as last known: a change of them is far rarer than loss, the row it would
   * make wrong is next to one marked `gap`, and a row without them is of little use.
   */
  loseClientBytes(): void {
    this.clientGaps++;
    this.mayHaveMissedPrepare = true;
    this.unnumbered = [];
    if (this.mode !== UNKNOWN_MODE) this.mode = UNKNOWN_MODE;
  }

  addPrepared(id: number, statement: PreparedStatement): void {
    statement.clientGaps = this.clientGaps;
    if (this.prepared.size >= MAX_PREPARED) {
      const oldest = this.prepared.keys().next().value;
      if (oldest !== undefined) this.prepared.delete(oldest);
    }
    this.prepared.set(id, statement);
    this.preparedVersion = {};
  }

  deletePrepared(id: number): void {
    this.prepared.delete(id);
    this.preparedVersion = {};
  }

  get pendingCount(): number {
    if (this.oldest === null) return 0;
    return this.later === null ? 1 : 1 + this.later.length;
  }

  /** Commands that wait for their response, oldest first: a list made anew, for where that does not count. */
  get pending(): AuditEvent[] {
    if (this.oldest === null) return [];
    return this.later === null ? [this.oldest] : [this.oldest, ...this.later];
  }

  /** The command of this sequence, if it waits for its response. */
  pendingOf(sequence: number): AuditEvent | null {
    const { oldest, later } = this;
    if (oldest === null || oldest.sequence === sequence) return oldest;
    return later?.find((event) => event.sequence === sequence) ?? null;
  }

  /** @returns The one that has to make room; null mostly. */
  addPending(event: AuditEvent): AuditEvent | null {
    const oldest = this.pendingCount >= MAX_PENDING ? this.oldest : null;
    if (oldest !== null) this.dropPending(oldest);
    if (this.oldest === null) this.oldest = event;
    else if (this.later === null) this.later = [event];
    else this.later.push(event);
    return oldest;
  }

  /** It goes on without its response. */
  dropPending(event: AuditEvent): void {
    this.takePending(event);
    if (event.command !== 'prepare') return;
    this.mayHaveMissedPrepare = true;
    this.unnumbered = [];
  }

  /** It waits no longer. */
  takePending(event: AuditEvent): void {
    const { later } = this;
    if (this.unread !== null) this.unread.delete(event.sequence);
    if (event === this.oldest) this.oldest = later === null ? null : later.shift()!;
    else if (later?.includes(event)) later.splice(later.indexOf(event), 1);
    if (later !== null && later.length === 0) this.later = null;
  }

  /** What an answer told of database and user holds for the commands sent behind its own, before it came. */
  tellLater(event: AuditEvent): void {
    const { pending } = this;
    for (let i = pending.indexOf(event) + 1; i < pending.length; i++) {
      const later = pending[i]!;
      if (later.command === 'change_user') continue;
      if (later.command !== 'init_db') later.databaseName = this.databaseName;
      later.userName = this.userName;
      later.userNameSource = this.userNameSource;
      later.clientProgram = this.clientProgram;
    }
  }

  /** All that waits for a response, which nobody waits for any more then. */
  takeWaiting(): AuditEvent[] {
    const waiting = this.pending;
    this.oldest = null;
    this.later = null;
    if (this.login !== null) waiting.push(this.login);
    this.login = null;
    return waiting;
  }

  /** What waits for a response will get none that could be captured. */
  markGap(): void {
    for (const event of this.pending) if (event.completeness !== 'truncated') event.completeness = 'gap';
    if (this.login !== null && this.login.completeness !== 'truncated') this.login.completeness = 'gap';
  }

  /** Copies what still lies in the buffer of a batch, so that a slow query does not keep the whole batch in memory. */
  detach(): void {
    for (const event of this.pending) {
      if (event.sql !== null) event.sql = detached(event.sql);
    }
  }
}

/** The text in a buffer not much longer than itself. */
export function detached(sql: SqlText): SqlText {
  if (sql.bytes.length <= 2 * (sql.end - sql.start) + DETACH_SLACK_BYTES) return sql;
  const bytes = Buffer.from(sql.bytes.subarray(sql.start, sql.end));
  const copy = new SqlText(bytes, 0, bytes.length, sql.mode, sql.loss);
  copy.masked = sql.masked;
  return copy;
}

export const UNKNOWN_MODE = sqlMode('', null, null);
const DETACH_SLACK_BYTES = 4096;
