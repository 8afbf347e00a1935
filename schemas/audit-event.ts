import type { FeatureSet } from './feature-set.ts';
import type { SqlText } from './sql-text.ts';
import type { Statement } from './statement.ts';

export type Status = 'ok' | 'error' | 'unknown';
export type Completeness = 'complete' | 'truncated' | 'gap' | 'midstream';
export type UserNameSource = 'handshake' | 'change_user' | 'processlist' | 'unknown';
export type RiskLevel = 'none' | 'info' | 'low' | 'medium' | 'high' | 'critical';

/** What stays the same for the whole life of one captured connection; shared by all its events. */
export interface ConnectionFacts {
  /** 32 lower-case hex digits; the same when the same packets are read again. */
  readonly uid: string;
  readonly serverId: string;
  /** Text form, IPv4 dotted or IPv6 (RFC 5952). */
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly serverAddress: string;
  readonly serverPort: number;
}

/** Where a service read an output: what a dead letter names of a row that cannot be stored. Shared by all of one record. */
export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A bound parameter or query attribute as a JSON value; integers beyond 2^53 and decimals are strings. */
export type ParameterValue = string | number | null;

/**
 * One client command with its response, or one login (`command` = `connect`). Field names on the wire and in ClickHouse are
 * the snake_case ones of `schemas/audit-json.ts`; that mapping is the public contract.
 *
 * Stages fill it in place, in order: decode sets everything but `statement`, `errorMessageMasked` and the rule fields;
 * mask sets `statement` and `errorMessageMasked`; detect sets the rule fields.
 */
export class AuditEvent {
  /** µs since the epoch at which the command's first packet was captured. */
  timeUs = 0;
  connection: ConnectionFacts;
  /** Position of the command in its connection: the event id is made of connection and sequence. */
  sequence = 0;

  /** The server's thread id (`Id` in SHOW PROCESSLIST); 0 when unknown. */
  connectionId = 0;
  serverVersion = '';
  isTls = false;
  userName = '';
  userNameSource: UserNameSource = 'unknown';
  databaseName = '';
  clientProgram = '';

  /** The protocol's name in lower case without COM_ and STMT_, or `connect`. */
  command = '';
  /** Within decode: the database an init_db or change_user asks for, and the collation of the latter; no fields of the event. */
  targetDatabase = '';
  targetCollation = 0;
  /** The unmasked text; null for commands without one. Never leaves the process unless raw text is asked for. */
  sql: SqlText | null = null;
  /** Set by mask; null where there is no text. */
  statement: Statement | null = null;
  /** The statement as the masking policy shows it, where that is more than the masked text; else empty. */
  statementShown = '';
  /** True length of the statement's text in bytes, also where the text was cut. */
  statementBytes = 0;
  /** SHA-256 of the whole text in hex, where it was cut for its length; else empty. */
  statementHash = '';

  status: Status = 'unknown';
  errorCode = 0;
  sqlState = '';
  /** The server's message as sent, which may quote values; null when there was no error. Input of mask, never shown. */
  errorMessage: Buffer | null = null;
  errorMessageMasked = '';

  affectedRows = 0;
  returnedRows = 0;
  /** Decimal text where it exceeds 2^53. */
  lastInsertId: number | string = 0;
  warnings = 0;
  /** The server asked the client for a file (LOCAL INFILE). */
  localInfileRequested = false;
  requestBytes = 0;
  responseBytes = 0;
  /** To the last byte of the response; 0 when no response was seen. */
  durationUs = 0;
  /** To the first row or, without rows, the first byte of the response. */
  firstRowUs = 0;
  inTransaction = false;
  noIndexUsed = false;

  completeness: Completeness = 'complete';
  /** What is striking about statement and answer, without any value of them; set by mask, read by detect. Null: not worked out. */
  features: FeatureSet | null = null;
  ruleIds: readonly string[] = NO_RULES;
  riskLevel: RiskLevel = 'none';

  /** Only with `--dangerously-keep-raw`; null otherwise. For bulk_execute a list of rows. */
  parameters: (ParameterValue | ParameterValue[])[] | null = null;
  queryAttributes: Record<string, ParameterValue> | null = null;
  /** Set by a service; no field of the event. */
  origin: RecordOrigin | null = null;

  constructor(connection: ConnectionFacts) {
    this.connection = connection;
  }
}

const NO_RULES: readonly string[] = [];
