import type { Row } from '../cli.ts';
import { type LoggedCommand, UNLOGGED_COMMANDS } from '../general-log.ts';
import type { LoggedServer } from './logged-server.ts';

/** Put in the statements of a test's procedures, so that the log's rows of them can be told from the client's. */
export const INSIDE = '/* inside */';

/** ER_UNKNOWN_STMT_HANDLER. */
const UNKNOWN_STATEMENT = 1243;

interface Difference {
  readonly servers: readonly LoggedServer['name'][];
  readonly reason: string;
  /** Rows of the log that no message of a client stands behind. */
  readonly isOnlyLogged?: (entry: LoggedCommand) => boolean;
  /** Rows of the audit trail that the log leaves out. */
  readonly isOnlySeen?: (row: Row) => boolean;
}

/**
 * Where a server's general log is not what it received. What is about texts is in `same-text.ts`:
 * one row per statement of a multi-statement query, ends trimmed, text cut at 16 MiB, MariaDB's writing of bytes that are
 * not utf8mb3. What is about pairs of rows is in `compare-log.ts`: MySQL's preparing anew, bulk executes.
 */
const DIFFERENCES: readonly Difference[] = [
  {
    servers: ['MariaDB', 'MySQL'],
    reason: 'statements inside a procedure are logged as if the client had sent them',
    isOnlyLogged: (entry) => entry.argument.includes(INSIDE),
  },
  {
    servers: ['MariaDB', 'MySQL'],
    reason: 'a refused login has a second row, Connect with the error',
    isOnlyLogged: (entry) => entry.command === 'Connect' && entry.argument.startsWith('Access denied'),
  },
  {
    servers: ['MariaDB', 'MySQL'],
    reason: 'never logged: they carry no statement',
    isOnlySeen: (row) => [...UNLOGGED_COMMANDS, 'debug', 'process_info', 'fetch'].includes(String(row['command'])),
  },
  {
    servers: ['MariaDB', 'MySQL'],
    reason: 'a close is only logged where there is such a statement; drivers close twice, and what failed to prepare',
    isOnlySeen: (row) => row['command'] === 'close' && row['statement_raw'] === '',
  },
  {
    servers: ['MariaDB'],
    reason: 'an execute that was sent along with a prepare that failed finds no statement and is not logged',
    isOnlySeen: (row) => row['command'] === 'execute' && row['error_code'] === UNKNOWN_STATEMENT,
  },
  {
    servers: ['MariaDB'],
    reason: 'a server that has sent a whole binlog closes the connection itself: the quit is sent, and never read',
    isOnlySeen: (row) => row['command'] === 'quit' && row['client_program'] === 'mysqlbinlog',
  },
  {
    servers: ['MariaDB', 'MySQL'],
    reason: 'a prepare that failed is not logged',
    isOnlySeen: (row) => row['command'] === 'prepare' && row['status'] === 'error',
  },
];

export function isOnlyLogged(server: LoggedServer['name'], entry: LoggedCommand): boolean {
  return DIFFERENCES.some((d) => d.servers.includes(server) && d.isOnlyLogged?.(entry) === true);
}

export function isOnlySeen(server: LoggedServer['name'], row: Row): boolean {
  return DIFFERENCES.some((d) => d.servers.includes(server) && d.isOnlySeen?.(row) === true);
}
