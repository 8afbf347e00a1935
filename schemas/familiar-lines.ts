// Hot path
import { AuditEvent, type Completeness, type RiskLevel, type Status } from './audit-event.ts';
import { readUid, UID_WORDS } from './event-id.ts';
import { LineCursor } from './line-cursor.ts';
import type { Statement } from './statement.ts';

type Part = 'session' | 'statement' | 'ending';

interface Session {
  readonly bytes: Buffer;
  /** An event of which only the session is set. */
  readonly event: AuditEvent;
  /** The uid's. */
  readonly words: Uint32Array;
}

interface Text {
  readonly bytes: Buffer;
  readonly tables: Buffer;
  readonly statement: Statement | null;
}

interface Ending {
  readonly bytes: Buffer;
  readonly completeness: Completeness;
  readonly ruleIds: readonly string[];
  readonly riskLevel: RiskLevel;
}

/** Slots, each of which holds what was learnt last. */
const SESSIONS = 16_384;
const TEXTS = 4096;
const ENDINGS = 256;
/** Longer parts are not learnt. */
const LONGEST_PART = 8192;
/** Bytes of all parts; beyond it everything is forgotten and learnt anew. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What may be learnt at once, and how many lines earn one more: traffic that never repeats costs nothing but the look. */
const MAX_CREDIT = 20_000;
const LINES_A_CREDIT = 16;
const TWO_32 = 4_294_967_296;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];

const TIME = Buffer.from('{"event_time":"');
const ID = Buffer.from('","event_id":"');
const COMMAND = Buffer.from('"command":"');
const KIND = Buffer.from('"statement_kind":"');
const MASKED = Buffer.from('","statement_masked":"');
const STATEMENT_BYTES = Buffer.from('"statement_bytes":');
const NO_HASH = Buffer.from(',"statement_hash":"",');
const STATUS: readonly [Status, Buffer][] = [
  ['ok', Buffer.from('"status":"ok",')],
  ['error', Buffer.from('"status":"error",')],
  ['unknown', Buffer.from('"status":"unknown",')],
];
const ERROR_CODE = Buffer.from('"error_code":');
const NO_ERROR = Buffer.from(',"sql_state":"","error_message_masked":"","affected_rows":');
const RETURNED_ROWS = Buffer.from(',"returned_rows":');
const LAST_INSERT_ID = Buffer.from(',"last_insert_id":');
const WARNINGS = Buffer.from(',"warnings":');
const REQUEST_BYTES = Buffer.from(',"request_bytes":');
const RESPONSE_BYTES = Buffer.from(',"response_bytes":');
const DURATION = Buffer.from(',"duration_us":');
const FIRST_ROW = Buffer.from(',"first_row_us":');
const IN_TRANSACTION = Buffer.from(',"in_transaction":');
const NO_INDEX = Buffer.from(',"no_index_used":');

/**
 * Reads lines of `mysql.audit.v1` that are like earlier ones, in under half the time of JSON: the session, the statement and the
 * ending of a line are pieces of text that come again and again, and are compared instead of read. Any byte that is not as
 * `auditText` writes it makes a line unfamiliar; the long way then says what it is.
 */
export class FamiliarLines {
  private readonly sessions: (Session | undefined)[] = new Array(SESSIONS).fill(undefined);
  private readonly texts: (Text | undefined)[] = new Array(TEXTS).fill(undefined);
  private readonly endings: (Ending | undefined)[] = new Array(ENDINGS).fill(undefined);
  private readonly cursor = new LineCursor();
  private readonly words = new Uint32Array(UID_WORDS);
  private learntBytes = 0;
  private credit = MAX_CREDIT;
  /** What the last line lacked, where that can be learnt. */
  private missing: Part | null = null;

  /** Whether the last line lacked only what can be learnt. */
  get isLearnable(): boolean {
    return this.missing !== null && this.credit >= 1;
  }

  /** @returns null where the line is unfamiliar. */
  read(bytes: Buffer, start: number, end: number): AuditEvent | null {
    const { cursor } = this;
    this.missing = null;
    if (this.credit < MAX_CREDIT) this.credit += 1 / LINES_A_CREDIT;
    cursor.begin(bytes, start, end);
    const timeUs = cursor.time(TIME);
    cursor.uuid(ID, this.words);
    const session = cursor.hasFailed ? null : this.session();
    const sequence = session === null ? -1 : this.sequence(session.words);
    const command = cursor.word(COMMAND);
    if (session === null || sequence < 0 || cursor.hasFailed) return null;
    const text = this.text();
    if (text === null) return null;
    const event = new AuditEvent(session.event.connection);
    copySession(session.event, event);
    event.timeUs = timeUs;
    event.sequence = sequence;
    event.command = command;
    event.statement = text.statement;
    event.statementBytes = cursor.number(STATEMENT_BYTES);
    cursor.pass(NO_HASH);
    cursor.pass(text.tables);
    event.status = this.status();
    event.errorCode = cursor.number(ERROR_CODE);
    event.affectedRows = cursor.number(NO_ERROR);
    event.returnedRows = cursor.number(RETURNED_ROWS);
    event.lastInsertId = cursor.number(LAST_INSERT_ID);
    event.warnings = cursor.number(WARNINGS);
    event.requestBytes = cursor.number(REQUEST_BYTES);
    event.responseBytes = cursor.number(RESPONSE_BYTES);
    event.durationUs = cursor.number(DURATION);
    event.firstRowUs = cursor.number(FIRST_ROW);
    event.inTransaction = cursor.truth(IN_TRANSACTION);
    event.noIndexUsed = cursor.truth(NO_INDEX);
    if (cursor.hasFailed || event.errorCode > 0xffff) return null;
    const ending = this.ending();
    if (ending === null) return null;
    event.completeness = ending.completeness;
    event.ruleIds = ending.ruleIds;
    event.riskLevel = ending.riskLevel;
    return event;
  }

  /**
   * Learns what the last line lacked.
   *
   * @param event What the long way made of that line.
   * @param text The line, which must be what `auditText` writes of the event.
   */
  learn(event: AuditEvent, text: string): void {
    this.credit--;
    // A quote within a value has a backslash before it: these can only be the keys.
    const session = text.indexOf('"server_id":');
    const command = text.indexOf('"command":', session);
    const kind = text.indexOf('"statement_kind":', command);
    const statementBytes = text.indexOf('"statement_bytes":', kind);
    const tables = text.indexOf('"tables":', statementBytes);
    const status = text.indexOf('"status":', tables);
    const ending = text.indexOf(',"completeness":', status);
    if (this.missing === 'session') this.learnSession(event, this.part(text, session, command));
    else if (this.missing === 'statement')
      this.learnText(event.statement, this.part(text, kind, statementBytes), this.part(text, tables, status));
    // What a policy shows differs from line to line, and stands in the ending.
    else if (this.missing === 'ending' && event.statementShown === '')
      this.learnEnding(event, this.part(text, ending, text.length));
    this.missing = null;
  }

  private learnSession(event: AuditEvent, bytes: Buffer): void {
    if (bytes.length > LONGEST_PART) return;
    const known = new AuditEvent(event.connection);
    copySession(event, known);
    const words = new Uint32Array(UID_WORDS);
    readUid(event.connection.uid, words, 0);
    this.sessions[slotOfSession(words)] = { bytes, event: known, words };
  }

  private learnText(statement: Statement | null, bytes: Buffer, tables: Buffer): void {
    if (bytes.length > LONGEST_PART || tables.length > LONGEST_PART) return;
    const slot = hash(bytes, 0, endOfText(bytes, 0, bytes.length)) & (TEXTS - 1);
    this.texts[slot] = { bytes, tables, statement };
  }

  private learnEnding({ completeness, ruleIds, riskLevel }: AuditEvent, bytes: Buffer): void {
    if (bytes.length > LONGEST_PART) return;
    this.endings[hash(bytes, 0, bytes.length) & (ENDINGS - 1)] = { bytes, completeness, ruleIds, riskLevel };
  }

  private part(text: string, from: number, to: number): Buffer {
    const bytes = Buffer.from(text.slice(from, to));
    this.learntBytes += bytes.length;
    if (this.learntBytes > MAX_BYTES) {
      this.sessions.fill(undefined);
      this.texts.fill(undefined);
      this.endings.fill(undefined);
      this.learntBytes = bytes.length;
    }
    return bytes;
  }

  private session(): Session | null {
    const { words, cursor } = this;
    const session = this.sessions[slotOfSession(words)];
    const isMeant = session !== undefined && session.words[0] === words[0] && session.words[1] === words[1];
    if (!isMeant || !cursor.isAt(session.bytes)) {
      this.missing = 'session';
      return null;
    }
    cursor.at += session.bytes.length;
    return session;
  }

  private text(): Text | null {
    const { cursor } = this;
    const { bytes, at } = cursor;
    const to = endOfText(bytes, at, Math.min(cursor.end, at + LONGEST_PART));
    if (to - at >= LONGEST_PART) return null;
    const text = this.texts[hash(bytes, at, to) & (TEXTS - 1)];
    if (text === undefined || !cursor.isAt(text.bytes)) {
      this.missing = 'statement';
      return null;
    }
    cursor.at += text.bytes.length;
    return text;
  }

  private ending(): Ending | null {
    const { cursor } = this;
    const { bytes, at, end } = cursor;
    if (end - at > LONGEST_PART) return null;
    const ending = this.endings[hash(bytes, at, end) & (ENDINGS - 1)];
    if (ending === undefined || ending.bytes.length !== end - at || !cursor.isAt(ending.bytes)) {
      this.missing = 'ending';
      return null;
    }
    return ending;
  }

  private status(): Status {
    const { cursor } = this;
    for (let i = 0; i < STATUS.length; i++) {
      const [status, bytes] = STATUS[i]!;
      // The first letter tells them apart.
      if (cursor.bytes[cursor.at + 10] !== bytes[10]) continue;
      cursor.pass(bytes);
      return status;
    }
    cursor.at = -1;
    return 'unknown';
  }

  /** As `eventSequence`; negative where it is beyond 2^53. */
  private sequence(uid: Uint32Array): number {
    const { words } = this;
    const low = words[3]! - uid[3]!;
    const high = (words[2]! - uid[2]! - (low < 0 ? 1 : 0)) >>> 0;
    const sequence = high * TWO_32 + (low >>> 0);
    return Number.isSafeInteger(sequence) ? sequence : -1;
  }
}

function copySession(from: AuditEvent, to: AuditEvent): void {
  to.connectionId = from.connectionId;
  to.serverVersion = from.serverVersion;
  to.isTls = from.isTls;
  to.userName = from.userName;
  to.userNameSource = from.userNameSource;
  to.databaseName = from.databaseName;
  to.clientProgram = from.clientProgram;
}

function slotOfSession(words: Uint32Array): number {
  return (Math.imul(words[0]! ^ Math.imul(words[1]!, 0x9e3779b1), 0x85ebca6b) >>> 16) & (SESSIONS - 1);
}

/** Where the masked text ends that stands behind the kind; `end` where it does not. */
function endOfText(bytes: Buffer, from: number, end: number): number {
  let at = from + KIND.length;
  while (at < end && bytes[at] !== QUOTE) at++;
  for (at += MASKED.length; at < end && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
  return Math.min(at, end);
}

function hash(bytes: Buffer, from: number, to: number): number {
  let value = 0x811c9dc5;
  for (let i = from; i < to; i++) value = Math.imul(value ^ bytes[i]!, 0x01000193);
  return value ^ (value >>> 15);
}
