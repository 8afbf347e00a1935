import { AuditEvent } from '../../schemas/audit-event.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import type { Loss } from '../../schemas/loss.ts';
import { fit } from './fit.ts';
import type { StandardOutput } from './standard-output.ts';
import { TextSink } from './text-sink.ts';

const HEADERS = ['TIME', 'USER', 'DATABASE', 'CLIENT', 'DURATION', 'ROWS', 'STATUS', 'STATEMENT'] as const;
/** Columns of fixed width; the statement takes what is left of the line. */
const WIDTHS = [15, 12, 12, 21, 9, 7, 10] as const;
const LEAST_STATEMENT_WIDTH = 20;

/** One line a command for people; losses too, so that nobody takes a hole for silence. */
export class TableSink extends TextSink {
  private readonly width: number;

  /** @param width Columns of the terminal. */
  constructor(output: StandardOutput, width: number) {
    super(output);
    this.width = width;
    this.line([...HEADERS]);
  }

  override add(output: AuditEvent | Loss): void {
    if (output instanceof AuditEvent) this.line(eventCells(output));
    else this.line(lossCells(output));
  }

  private line(cells: readonly string[]): void {
    let line = '';
    let used = 0;
    for (let i = 0; i < WIDTHS.length; i++) {
      line += `${fit(cells[i]!, WIDTHS[i]!, i === 4 || i === 5)} `;
      used += WIDTHS[i]! + 1;
    }
    const text = fit(cells[WIDTHS.length]!, Math.max(LEAST_STATEMENT_WIDTH, this.width - used), false);
    this.output.write(`${line}${text.trimEnd()}\n`);
  }
}

function eventCells(event: AuditEvent): string[] {
  const masked = event.statement === null ? event.command : event.statement.masked;
  const text = event.statementShown === '' ? masked : event.statementShown;
  const prefix = event.command === 'query' || event.statement === null ? '' : `${event.command}: `;
  const rows = event.returnedRows > 0 ? event.returnedRows : event.affectedRows;
  return [
    isoTime(event.timeUs).slice(11, 26),
    event.userName === '' ? '?' : event.userName,
    event.databaseName,
    `${event.connection.clientAddress}:${event.connection.clientPort}`,
    durationText(event.durationUs),
    event.status === 'ok' && event.command !== 'connect' ? String(rows) : '',
    statusText(event),
    event.status === 'error' && event.errorMessageMasked !== ''
      ? `${prefix}${text}  [${event.errorMessageMasked}]`
      : prefix + text,
  ];
}

function statusText(event: AuditEvent): string {
  if (event.status === 'error') return `ERR ${event.errorCode}`;
  if (event.isTls) return 'tls';
  if (event.completeness === 'complete' || event.completeness === 'midstream')
    return event.status === 'unknown' ? '-' : event.status;
  return event.completeness;
}

function lossCells(loss: Loss): string[] {
  const { connection } = loss;
  const where = loss.reason === 'gap' ? (loss.fromClient ? ' from the client' : ' from the server') : '';
  const client = `${connection.clientAddress}:${connection.clientPort}`;
  return [
    isoTime(loss.timeUs).slice(11, 26),
    '',
    '',
    client,
    '',
    '',
    'LOST',
    `${loss.bytes} bytes${where}: ${loss.reason}`,
  ];
}

function durationText(us: number): string {
  if (us < 1000) return `${us} µs`;
  if (us < 1_000_000) return `${(us / 1000).toFixed(1)} ms`;
  return `${(us / 1_000_000).toFixed(2)} s`;
}
