import type { ConnectionFacts } from './audit-event.ts';
import type { ConnectionIdentity } from './connection-identity.ts';
import { identityOf } from './connection-identity-record.ts';
import { eachLine } from './each-line.ts';
import { eventId } from './event-id.ts';
import { eventSequence } from './event-sequence.ts';
import { isoTime } from './iso-time.ts';
import type { LedgerEntry } from './ledger.ts';
import { type CountRow, type LossRow, ledgerLineSchema } from './ledger-schema.ts';
import { Loss } from './loss.ts';
import { parseIsoTime } from './parse-iso-time.ts';
import { parsedJson } from './parsed-json.ts';
import type { ServerMinute } from './server-minute.ts';
import { serverMinuteOf } from './server-minute-record.ts';

/** A line of totals as it stands on `mysql.ledger.v1`, without the newline; the fields are those of `ledgerLineSchema`. */
export function countLine(entry: LedgerEntry): string {
  return JSON.stringify({
    kind: 'count',
    stage: entry.stage,
    origin: entry.origin,
    ordinal: entry.ordinal,
    server_id: entry.serverId,
    minute_ms: entry.minuteMs,
    unit: entry.unit,
    taken_in: entry.takenIn,
    passed_on: entry.passedOn,
    open: entry.open,
    lost: entry.lost,
    impaired: entry.impaired,
    version: entry.version,
  });
}

/** A missing span as a line of `mysql.ledger.v1`, without the newline. */
export function lossLine(loss: Loss): string {
  const { connection } = loss;
  return JSON.stringify({
    kind: 'loss',
    loss_time: isoTime(loss.timeUs),
    loss_id: eventId(connection.uid, loss.sequence),
    server_id: connection.serverId,
    connection_uid: connection.uid,
    client_address: connection.clientAddress,
    client_port: connection.clientPort,
    server_address: connection.serverAddress,
    server_port: connection.serverPort,
    reason: loss.reason,
    from_client: loss.fromClient,
    from_byte: loss.fromByte,
    bytes: loss.bytes,
  });
}

/** What takes the lines of a record. */
export interface LedgerTaker {
  entry(entry: LedgerEntry): void;
  loss(loss: Loss): void;
  /** Absent: such lines are passed over. */
  serverMinute?(minute: ServerMinute): void;
  identity?(identity: ConnectionIdentity): void;
  /** @param line Of which nothing could be made, from 0. */
  bad(line: number): void;
}

/**
 * Reads a record of `mysql.ledger.v1`, whoever wrote it. Fields that are not known are ignored; a line with a stage, unit or reason
 * that is not known is `bad` as a whole: a sum without one of its parts would say something else. Never throws.
 */
export function readLedgerRecord(value: Buffer, take: LedgerTaker): void {
  eachLine(value, (text, line) => {
    const parsed = ledgerLineSchema.safeParse(parsedJson(text));
    if (!parsed.success) take.bad(line);
    else if (parsed.data.kind === 'count') take.entry(entryOf(parsed.data));
    else if (parsed.data.kind === 'server') take.serverMinute?.(serverMinuteOf(parsed.data));
    else if (parsed.data.kind === 'identity') {
      const identity = identityOf(parsed.data);
      if (identity === null) take.bad(line);
      else take.identity?.(identity);
    } else {
      const loss = lossOf(parsed.data);
      if (loss === null) take.bad(line);
      else take.loss(loss);
    }
  });
}

/** @returns null where time or id are none, or not of this connection. */
export function lossOf(row: LossRow): Loss | null {
  const timeUs = parseIsoTime(row.loss_time);
  const sequence = eventSequence(row.connection_uid, row.loss_id);
  if (timeUs === null || sequence === null) return null;
  const connection: ConnectionFacts = {
    uid: row.connection_uid,
    serverId: row.server_id,
    clientAddress: row.client_address,
    clientPort: row.client_port,
    serverAddress: row.server_address,
    serverPort: row.server_port,
  };
  return new Loss(connection, timeUs, row.reason, sequence, row.from_client, row.from_byte, row.bytes);
}

function entryOf(row: CountRow): LedgerEntry {
  return {
    stage: row.stage,
    origin: row.origin,
    ordinal: row.ordinal,
    serverId: row.server_id,
    minuteMs: row.minute_ms,
    unit: row.unit,
    takenIn: row.taken_in,
    passedOn: row.passed_on,
    open: row.open,
    lost: row.lost as LedgerEntry['lost'],
    impaired: row.impaired as LedgerEntry['impaired'],
    version: row.version,
  };
}
