import type { ConnectionFacts } from './audit-event.ts';
import { eventId } from './event-id.ts';
import { eventSequence } from './event-sequence.ts';
import { isoTime } from './iso-time.ts';
import type { LedgerEntry } from './ledger.ts';
import { ledgerLineSchema } from './ledger-schema.ts';
import { Loss } from './loss.ts';
import { parseIsoTime } from './parse-iso-time.ts';

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

/** Reads what `countLine` or `lossLine` wrote, or somebody else; null for everything that is neither. Never throws. */
export function readLedgerLine(text: string): LedgerEntry | Loss | null {
  const parsed = ledgerLineSchema.safeParse(json(text));
  if (!parsed.success) return null;
  const line = parsed.data;
  if (line.kind === 'loss') {
    const connection: ConnectionFacts = {
      uid: line.connection_uid,
      serverId: line.server_id,
      clientAddress: line.client_address,
      clientPort: line.client_port,
      serverAddress: line.server_address,
      serverPort: line.server_port,
    };
    const timeUs = parseIsoTime(line.loss_time);
    const sequence = eventSequence(line.connection_uid, line.loss_id);
    if (timeUs === null || sequence === null) return null;
    return new Loss(connection, timeUs, line.reason, sequence, line.from_client, line.from_byte, line.bytes);
  }
  return {
    stage: line.stage,
    origin: line.origin,
    ordinal: line.ordinal,
    serverId: line.server_id,
    minuteMs: line.minute_ms,
    unit: line.unit,
    takenIn: line.taken_in,
    passedOn: line.passed_on,
    open: line.open,
    lost: withoutHoles(line.lost),
    impaired: withoutHoles(line.impaired),
    version: line.version,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function withoutHoles<K extends string>(counts: Partial<Record<K, number | undefined>>): Partial<Record<K, number>> {
  return counts as Partial<Record<K, number>>;
}
