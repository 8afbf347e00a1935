import { AuditEvent, type ConnectionFacts } from './audit-event.ts';
import { auditJson } from './audit-json.ts';
import type { AuditRow } from './audit-schema.ts';
import { eventSequence } from './event-sequence.ts';
import { hasAuditTypes } from './has-audit-types.ts';
import { parseIsoTime } from './parse-iso-time.ts';
import type { Statement } from './statement.ts';

/** Longest line: what fits into a record of the topic (96 MiB) with something to spare. */
const LONGEST_LINE_BYTES = 90 * 1024 * 1024;
/** What is left of a masked text whose line would be longer; its digest and true length stay. */
const CUT_CHARACTERS = 8 * 1024 * 1024;
/** Connections and statements known at once; beyond it both are forgotten and learnt anew. */
const MAX_KNOWN = 20_000;
/** Longer masked texts are not kept. */
const LONGEST_KEPT = 64 * 1024;

/**
 * An event as a line of `mysql.audit.v1`, without the newline: exactly its `auditJson`. A masked text that would make the line
 * longer than 90 MiB is cut to 8 Mi characters and `…`, and the event is `truncated`.
 */
export function auditLine(event: AuditEvent): string {
  const row = auditJson(event, false);
  const line = JSON.stringify(row);
  if (line.length < LONGEST_LINE_BYTES / 3 || Buffer.byteLength(line) <= LONGEST_LINE_BYTES) return line;
  return JSON.stringify({
    ...row,
    statement_masked: `${row.statement_masked.slice(0, CUT_CHARACTERS)}…`,
    completeness: row.completeness === 'complete' ? 'truncated' : row.completeness,
  });
}

/** Reads lines of `mysql.audit.v1` back into events; one per process, as it remembers connections and statements. */
export class AuditLineReader {
  private readonly connections = new Map<string, ConnectionFacts>();
  private readonly statements = new Map<string, Statement>();

  /** @returns null where the text is no audit line. Fields that are not known are ignored. Never throws. */
  read(text: string): AuditEvent | null {
    let row: unknown;
    try {
      row = JSON.parse(text);
    } catch {
      return null;
    }
    return hasAuditTypes(row) ? this.event(row) : null;
  }

  /** @param row Of which the types have been looked at. */
  event(row: AuditRow): AuditEvent | null {
    const timeUs = parseIsoTime(row.event_time);
    const sequence = eventSequence(row.connection_uid, row.event_id);
    if (timeUs === null || sequence === null) return null;
    const event = new AuditEvent(this.connection(row));
    event.timeUs = timeUs;
    event.sequence = sequence;
    event.connectionId = row.connection_id;
    event.serverVersion = row.server_version;
    event.isTls = row.is_tls;
    event.userName = row.user_name;
    event.userNameSource = row.user_name_source;
    event.databaseName = row.database_name;
    event.clientProgram = row.client_program;
    event.command = row.command;
    event.statement = row.statement_digest === '' ? null : this.statement(row);
    event.statementBytes = row.statement_bytes;
    event.statementHash = row.statement_hash;
    event.status = row.status;
    event.errorCode = row.error_code;
    event.sqlState = row.sql_state;
    event.errorMessageMasked = row.error_message_masked;
    event.affectedRows = row.affected_rows;
    event.returnedRows = row.returned_rows;
    event.lastInsertId = row.last_insert_id;
    event.warnings = row.warnings;
    event.requestBytes = row.request_bytes;
    event.responseBytes = row.response_bytes;
    event.durationUs = row.duration_us;
    event.firstRowUs = row.first_row_us;
    event.inTransaction = row.in_transaction;
    event.noIndexUsed = row.no_index_used;
    event.completeness = row.completeness;
    event.ruleIds = row.rule_ids;
    event.riskLevel = row.risk_level;
    return event;
  }

  private connection(row: AuditRow): ConnectionFacts {
    const known = this.connections.get(row.connection_uid);
    if (
      known !== undefined &&
      known.clientPort === row.client_port &&
      known.clientAddress === row.client_address &&
      known.serverId === row.server_id &&
      known.serverPort === row.server_port &&
      known.serverAddress === row.server_address
    )
      return known;
    const facts: ConnectionFacts = {
      uid: row.connection_uid,
      serverId: row.server_id,
      clientAddress: row.client_address,
      clientPort: row.client_port,
      serverAddress: row.server_address,
      serverPort: row.server_port,
    };
    if (this.connections.size >= MAX_KNOWN) this.connections.clear();
    this.connections.set(facts.uid, facts);
    return facts;
  }

  /** How the grammar parser fared is no field of the event. */
  private statement(row: AuditRow): Statement {
    const known = this.statements.get(row.statement_digest);
    if (known !== undefined && known.masked === row.statement_masked && known.kind === row.statement_kind) return known;
    const statement: Statement = {
      digest: row.statement_digest,
      masked: row.statement_masked,
      kind: row.statement_kind,
      tables: row.tables,
      parse: 'skipped',
    };
    if (statement.masked.length > LONGEST_KEPT) return statement;
    if (this.statements.size >= MAX_KNOWN) this.statements.clear();
    this.statements.set(statement.digest, statement);
    return statement;
  }
}
