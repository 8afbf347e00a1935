import { AuditEvent, type ConnectionFacts } from '../../schemas/audit-event.ts';
import { auditLine, readAuditRecord } from '../../schemas/audit-record.ts';
import { eventLine, readEventRecord } from '../../schemas/event-record.ts';
import { LinePacker } from '../../schemas/line-packer.ts';
import { SqlText } from '../../schemas/sql-text.ts';
import type { Statement } from '../../schemas/statement.ts';

/**
 * CPU time of an event on its way through a topic: written as a line, packed into records of 512 KiB, and read back. Events of
 * 16 connections and 50 statements. Prints one JSON object, µs an event: of `mysql.audit.v1`, and of a topic before mask.
 *
 *   node --import tsx bench/parts/records.ts [EVENTS]
 */
const EVENTS = Number(process.argv[2] ?? 400_000);
const ROUND = 20_000;
const RECORD_BYTES = 512 * 1024;
const START_US = 1_767_225_600_000_000;

const connections: ConnectionFacts[] = Array.from({ length: 16 }, (_, i) => ({
  uid: (i + 1).toString(16).padStart(2, '0').repeat(16),
  serverId: '10.0.0.1:3306',
  clientAddress: `10.0.1.${i % 5}`,
  clientPort: 40_000 + i,
  serverAddress: '10.0.0.1',
  serverPort: 3306,
}));
const statements: Statement[] = Array.from({ length: 50 }, (_, i) => ({
  digest: (i + 1).toString(16).padStart(2, '0').repeat(16),
  masked: `SELECT c FROM sbtest${i} WHERE id = ?`,
  kind: 'select',
  tables: [`sbtest${i}`],
  parse: 'skipped',
}));
const texts = statements.map(({ masked }, i) => {
  const bytes = Buffer.from(masked.replace('?', String(i * 1000)));
  return new SqlText(bytes, 0, bytes.length, { charset: 'utf8mb4', noBackslashEscapes: false, ansiQuotes: false });
});

function makeEvent(i: number, isMasked: boolean): AuditEvent {
  const event = new AuditEvent(connections[i % 16]!);
  event.timeUs = START_US + i * 15;
  event.sequence = Math.floor(i / 16);
  event.connectionId = 100 + (i % 16);
  event.serverVersion = '10.11.6-MariaDB';
  event.userName = `app${(i % 16) % 3}`;
  event.userNameSource = 'handshake';
  event.databaseName = 'shop';
  event.clientProgram = 'mysql';
  event.command = 'query';
  if (isMasked) event.statement = statements[(i * 7) % 50]!;
  else event.sql = texts[(i * 7) % 50]!;
  event.statementBytes = 34;
  event.status = 'ok';
  event.returnedRows = i % 3;
  event.requestBytes = 39;
  event.responseBytes = 180 + (i % 100);
  event.durationUs = 90 + ((i * 7919) % 1000);
  event.firstRowUs = 80 + ((i * 7919) % 900);
  return event;
}

interface Costs {
  writeUs: number;
  readUs: number;
  bytes: number;
}

function measure(isMasked: boolean): Costs {
  const events = Array.from({ length: ROUND }, (_, i) => makeEvent(i, isMasked));
  const packer = new LinePacker(RECORD_BYTES);
  let [writeUs, readUs, bytes, seen] = [0, 0, 0, 0];
  const count = () => {
    seen++;
  };
  for (let round = 0; round < EVENTS / ROUND; round++) {
    const before = process.cpuUsage();
    for (const event of events) packer.add(isMasked ? auditLine(event, false) : eventLine(event));
    const records = packer.take();
    const between = process.cpuUsage(before);
    for (const record of records) {
      if (isMasked) readAuditRecord(record, { event: count, bad: fail });
      else readEventRecord(record, { output: count, bad: fail });
      bytes += record.length;
    }
    const all = process.cpuUsage(before);
    writeUs += between.user + between.system;
    readUs += all.user + all.system - between.user - between.system;
  }
  if (seen === 0) throw new Error('nothing was read back');
  return { writeUs: round2(writeUs / seen), readUs: round2(readUs / seen), bytes: Math.round(bytes / seen) };
}

function fail(line: number): never {
  throw new Error(`line ${line} could not be read back`);
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

measure(true);
process.stdout.write(`${JSON.stringify({ audit: measure(true), beforeMask: measure(false) })}\n`);
