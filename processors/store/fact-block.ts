// Hot path
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { rawText } from '../../schemas/audit-json.ts';
import { eventIdHigh, eventIdLow, readUid, UID_WORDS } from '../../schemas/event-id.ts';
import { clampTimeUs } from '../../schemas/iso-time.ts';
import { NativeBlock } from './native-block.ts';
import { ByteColumn, UInt16Column, UInt64Column, UuidColumn } from './native-columns.ts';
import { DictionaryColumn, MAX_BLOCK_ROWS, StringArrayColumn, StringColumn } from './native-strings.ts';
import { COMPLETENESS, enumType, RISK_LEVEL, STATUS, USER_NAME_SOURCE } from './store-enums.ts';

/** Bytes of one row's fixed-width columns and dictionary indexes. */
const FIXED_ROW_BYTES = 170;

/** Up to {@link MAX_BLOCK_ROWS} rows of `audit_events`, column by column. */
export class FactBlock {
  rows = 0;
  readonly #keepRaw: boolean;
  readonly #uidWords = new Uint32Array(MAX_BLOCK_ROWS * UID_WORDS);

  readonly #eventTime = new UInt64Column('event_time', "DateTime64(6, 'UTC')", MAX_BLOCK_ROWS);
  readonly #eventId = new UuidColumn('event_id', MAX_BLOCK_ROWS);
  readonly #serverId = new DictionaryColumn('server_id');
  readonly #connectionUid = new DictionaryColumn('connection_uid');
  readonly #connectionId = new UInt64Column('connection_id', 'UInt64', MAX_BLOCK_ROWS);
  readonly #clientAddress = new DictionaryColumn('client_address');
  readonly #clientPort = new UInt16Column('client_port', MAX_BLOCK_ROWS);
  readonly #serverAddress = new DictionaryColumn('server_address');
  readonly #serverPort = new UInt16Column('server_port', MAX_BLOCK_ROWS);
  readonly #serverVersion = new DictionaryColumn('server_version');
  readonly #isTls = new ByteColumn('is_tls', 'Bool', MAX_BLOCK_ROWS);
  readonly #userName = new DictionaryColumn('user_name');
  readonly #userNameSource = new ByteColumn('user_name_source', enumType(USER_NAME_SOURCE), MAX_BLOCK_ROWS);
  readonly #databaseName = new DictionaryColumn('database_name');
  readonly #clientProgram = new DictionaryColumn('client_program');
  readonly #command = new DictionaryColumn('command');
  readonly #digest = new DictionaryColumn('statement_digest');
  readonly #statementBytes = new UInt64Column('statement_bytes', 'UInt64', MAX_BLOCK_ROWS);
  readonly #statementHash = new DictionaryColumn('statement_hash');
  readonly #status = new ByteColumn('status', enumType(STATUS), MAX_BLOCK_ROWS);
  readonly #errorCode = new UInt16Column('error_code', MAX_BLOCK_ROWS);
  readonly #sqlState = new DictionaryColumn('sql_state');
  readonly #errorMessage = new StringColumn('error_message_masked');
  readonly #affectedRows = new UInt64Column('affected_rows', 'UInt64', MAX_BLOCK_ROWS);
  readonly #returnedRows = new UInt64Column('returned_rows', 'UInt64', MAX_BLOCK_ROWS);
  readonly #lastInsertId = new UInt64Column('last_insert_id', 'UInt64', MAX_BLOCK_ROWS);
  readonly #warnings = new UInt16Column('warnings', MAX_BLOCK_ROWS);
  readonly #requestBytes = new UInt64Column('request_bytes', 'UInt64', MAX_BLOCK_ROWS);
  readonly #responseBytes = new UInt64Column('response_bytes', 'UInt64', MAX_BLOCK_ROWS);
  readonly #durationUs = new UInt64Column('duration_us', 'UInt64', MAX_BLOCK_ROWS);
  readonly #firstRowUs = new UInt64Column('first_row_us', 'UInt64', MAX_BLOCK_ROWS);
  readonly #inTransaction = new ByteColumn('in_transaction', 'Bool', MAX_BLOCK_ROWS);
  readonly #noIndexUsed = new ByteColumn('no_index_used', 'Bool', MAX_BLOCK_ROWS);
  readonly #completeness = new ByteColumn('completeness', enumType(COMPLETENESS), MAX_BLOCK_ROWS);
  readonly #ruleIds = new StringArrayColumn('rule_ids', MAX_BLOCK_ROWS);
  readonly #riskLevel = new ByteColumn('risk_level', enumType(RISK_LEVEL), MAX_BLOCK_ROWS);
  readonly #statementShown = new StringColumn('statement_shown');
  readonly #statementRaw = new StringColumn('statement_raw');
  readonly #parameters = new StringColumn('parameters');
  readonly #queryAttributes = new StringColumn('query_attributes');
  readonly #block: NativeBlock;

  /** @param keepRaw Whether the block has the columns of unmasked text and values. */
  constructor(keepRaw: boolean) {
    this.#keepRaw = keepRaw;
    const raw = keepRaw ? [this.#statementRaw, this.#parameters, this.#queryAttributes] : [];
    this.#block = new NativeBlock([
      this.#eventTime,
      this.#eventId,
      this.#serverId,
      this.#connectionUid,
      this.#connectionId,
      this.#clientAddress,
      this.#clientPort,
      this.#serverAddress,
      this.#serverPort,
      this.#serverVersion,
      this.#isTls,
      this.#userName,
      this.#userNameSource,
      this.#databaseName,
      this.#clientProgram,
      this.#command,
      this.#digest,
      this.#statementBytes,
      this.#statementHash,
      this.#status,
      this.#errorCode,
      this.#sqlState,
      this.#errorMessage,
      this.#affectedRows,
      this.#returnedRows,
      this.#lastInsertId,
      this.#warnings,
      this.#requestBytes,
      this.#responseBytes,
      this.#durationUs,
      this.#firstRowUs,
      this.#inTransaction,
      this.#noIndexUsed,
      this.#completeness,
      this.#ruleIds,
      this.#riskLevel,
      this.#statementShown,
      ...raw,
    ]);
  }

  get structure(): string {
    return this.#block.structure;
  }

  /** About the bytes of the encoded block so far. */
  get bytes(): number {
    const texts = this.#errorMessage.length + this.#ruleIds.length + this.#digest.length + this.#connectionUid.length;
    const session =
      this.#userName.length + this.#databaseName.length + this.#clientProgram.length + this.#serverVersion.length;
    const addresses = this.#clientAddress.length + this.#serverAddress.length + this.#serverId.length;
    const raw = this.#statementRaw.length + this.#parameters.length + this.#queryAttributes.length;
    return this.rows * FIXED_ROW_BYTES + this.#statementShown.length + texts + session + addresses + raw;
  }

  /** @returns Whether the event's digest is new to this block. The block has room for the row. */
  add(event: AuditEvent): boolean {
    const row = this.rows;
    const { connection } = event;
    this.rows = row + 1;
    this.#eventTime.set(row, clampTimeUs(event.timeUs));
    this.#addConnection(row, event);
    this.#serverId.set(row, connection.serverId);
    this.#clientAddress.set(row, connection.clientAddress);
    this.#clientPort.set(row, connection.clientPort);
    this.#serverAddress.set(row, connection.serverAddress);
    this.#serverPort.set(row, connection.serverPort);
    this.#connectionId.set(row, event.connectionId);
    this.#serverVersion.set(row, event.serverVersion);
    this.#isTls.values[row] = event.isTls ? 1 : 0;
    this.#userName.set(row, event.userName);
    this.#userNameSource.values[row] = USER_NAME_SOURCE[event.userNameSource];
    this.#databaseName.set(row, event.databaseName);
    this.#clientProgram.set(row, event.clientProgram);
    this.#command.set(row, event.command);
    this.#addOutcome(row, event);
    if (this.#keepRaw) this.#addRaw(event);
    return this.#addDigest(row, event);
  }

  /** The uid's digits are read once per connection and block. */
  #addConnection(row: number, event: AuditEvent): void {
    const words = this.#uidWords;
    const known = this.#connectionUid.distinct;
    const at = this.#connectionUid.set(row, event.connection.uid) * UID_WORDS;
    if (this.#connectionUid.distinct !== known) readUid(event.connection.uid, words, at);
    const low = words[at + 3]!;
    const { sequence } = event;
    this.#eventId.set(
      row,
      words[at]!,
      words[at + 1]!,
      eventIdHigh(words[at + 2]!, low, sequence),
      eventIdLow(low, sequence),
    );
  }

  #addDigest(row: number, event: AuditEvent): boolean {
    const known = this.#digest.distinct;
    this.#digest.set(row, event.statement === null ? '' : event.statement.digest);
    return this.#digest.distinct !== known;
  }

  #addOutcome(row: number, event: AuditEvent): void {
    this.#statementBytes.set(row, event.statementBytes);
    this.#statementHash.set(row, event.statementHash);
    this.#status.values[row] = STATUS[event.status];
    this.#errorCode.set(row, event.errorCode);
    this.#sqlState.set(row, event.sqlState);
    this.#errorMessage.add(event.errorMessageMasked);
    this.#affectedRows.set(row, event.affectedRows);
    this.#returnedRows.set(row, event.returnedRows);
    const { lastInsertId } = event;
    if (typeof lastInsertId === 'number') this.#lastInsertId.set(row, lastInsertId);
    else this.#lastInsertId.setDecimal(row, lastInsertId);
    this.#warnings.set(row, event.warnings);
    this.#requestBytes.set(row, event.requestBytes);
    this.#responseBytes.set(row, event.responseBytes);
    this.#durationUs.set(row, event.durationUs);
    this.#firstRowUs.set(row, event.firstRowUs);
    this.#inTransaction.values[row] = event.inTransaction ? 1 : 0;
    this.#noIndexUsed.values[row] = event.noIndexUsed ? 1 : 0;
    this.#completeness.values[row] = COMPLETENESS[event.completeness];
    this.#ruleIds.set(row, event.ruleIds);
    this.#riskLevel.values[row] = RISK_LEVEL[event.riskLevel];
    this.#statementShown.add(event.statementShown);
  }

  #addRaw(event: AuditEvent): void {
    this.#statementRaw.add(rawText(event));
    this.#parameters.add(event.parameters === null ? '' : JSON.stringify(event.parameters));
    this.#queryAttributes.add(event.queryAttributes === null ? '' : JSON.stringify(event.queryAttributes));
  }

  /** @returns A view of the encoded block, valid until the next call. */
  encode(): Buffer {
    return this.#block.encode(this.rows);
  }

  reset(): void {
    this.#block.reset();
    this.rows = 0;
  }
}
