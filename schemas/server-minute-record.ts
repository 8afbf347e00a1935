import type { ServerMinute } from './server-minute.ts';
import type { ServerMinuteRow } from './server-minute-schema.ts';

/** What a server did in a minute as a line of `mysql.ledger.v1`, without the newline. */
export function serverMinuteLine(minute: ServerMinute): string {
  const row: ServerMinuteRow = {
    kind: 'server',
    server_id: minute.serverId,
    minute_ms: minute.minuteMs,
    origin: minute.origin,
    measured_ms: minute.measuredMs,
    uncertainty_ms: minute.uncertaintyMs,
    restarts: minute.restarts,
    flushes: minute.flushes,
    questions: minute.questions,
    queries: minute.queries,
    connections: minute.connections,
    aborted_connects: minute.abortedConnects,
    bytes_received: minute.bytesReceived,
    bytes_sent: minute.bytesSent,
    ssl_accepts: minute.sslAccepts,
    own_questions: minute.ownQuestions,
    peak_per_second: minute.peakPerSecond,
    commands: minute.commands,
    channels: minute.channels,
    version: minute.version,
  };
  return JSON.stringify(row);
}

export function serverMinuteOf(row: ServerMinuteRow): ServerMinute {
  return {
    serverId: row.server_id,
    minuteMs: row.minute_ms,
    origin: row.origin,
    measuredMs: row.measured_ms,
    uncertaintyMs: row.uncertainty_ms,
    restarts: row.restarts,
    flushes: row.flushes,
    questions: row.questions,
    queries: row.queries,
    connections: row.connections,
    abortedConnects: row.aborted_connects,
    bytesReceived: row.bytes_received,
    bytesSent: row.bytes_sent,
    sslAccepts: row.ssl_accepts,
    ownQuestions: row.own_questions,
    peakPerSecond: row.peak_per_second,
    commands: row.commands,
    channels: row.channels as ServerMinute['channels'],
    version: row.version,
  };
}
