import type { Row } from '../cli.ts';
import { auditNameOf, type LoggedCommand, userOf } from '../general-log.ts';
import { isOnlyLogged, isOnlySeen } from './known-differences.ts';
import type { LoggedServer } from './logged-server.ts';
import { isSameText, rowsOfText } from './same-text.ts';
import { isSpliced } from './spliced-values.ts';

export interface Comparison {
  /** Rows of the log that were held against the audit trail. */
  readonly logged: number;
  /** Commands of the audit trail that were held against the log. */
  readonly seen: number;
  /** Sentences, the first 20. */
  readonly mismatches: readonly string[];
}

const SHOWN = 20;
const SHOWN_CHARACTERS = 160;

/** Holds every row of the log against the audit trail and back, by connection and in order. */
export function compareWithLog(
  server: LoggedServer['name'],
  log: readonly LoggedCommand[],
  rows: readonly Row[],
  encoding = 'utf-8',
): Comparison {
  const logs = log.filter((entry) => !isOnlyLogged(server, entry));
  const seen = rows
    .filter((row) => !isOnlySeen(server, row))
    .map((row, index) => ({ row, index }))
    .sort((a, b) => order(a.row, b.row) || a.index - b.index)
    .map(({ row }) => row);
  const mismatches: string[] = [];
  const threads = new Set([...logs.map((e) => e.threadId), ...seen.map((r) => Number(r['connection_id']))]);
  for (const thread of threads) {
    const entries = logs.filter((entry) => entry.threadId === thread);
    const own = seen.filter((row) => Number(row['connection_id']) === thread);
    const commands = new Set([...entries.map((e) => auditNameOf(e.command)), ...own.map(loggedAs)]);
    for (const command of commands) {
      const found = compareCommands(
        server,
        command,
        entries.filter((entry) => auditNameOf(entry.command) === command),
        own.filter((row) => loggedAs(row) === command),
        encoding,
      );
      mismatches.push(...found.map((text) => `thread ${thread}, ${command}: ${text}`));
    }
  }
  return { logged: logs.length, seen: seen.length, mismatches: mismatches.slice(0, SHOWN) };
}

function order(a: Row, b: Row): number {
  const [left, right] = [String(a['event_time']), String(b['event_time'])];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Entries and rows of one command of one connection. */
function compareCommands(
  server: LoggedServer['name'],
  command: string,
  entries: readonly LoggedCommand[],
  rows: readonly Row[],
  encoding: string,
): string[] {
  const texts = entries.map((entry) => entry.argument);
  const mismatches: string[] = [];
  let at = 0;
  // MySQL prepares anew when the types of the parameters change, and logs that as if the client had asked for it.
  const isPreparedAnew = (index: number) =>
    server === 'MySQL' && command === 'prepare' && texts.slice(0, index).includes(texts[index]!);
  for (const row of rows) {
    if (row['completeness'] !== 'complete') mismatches.push(`${row['completeness']}: ${shown(rawOf(row))}`);
    let taken = rowsOfCommand(command, texts, at, row, encoding);
    while (taken === 0 && isPreparedAnew(at)) taken = rowsOfCommand(command, texts, ++at, row, encoding);
    if (taken === 0) {
      mismatches.push(`seen ${shown(rawOf(row))} ${JSON.stringify(row['parameters'])}, logged ${shown(texts[at])}`);
      if (texts.length - at >= rows.length) at++;
      continue;
    }
    for (let i = at; i < at + taken; i++) {
      const user = userOf(entries[i]!.userHost);
      // The log's user of these two is the one before or, refused, nobody.
      if (command !== 'connect' && command !== 'change_user' && user !== row['user_name'])
        mismatches.push(`user ${row['user_name']}, logged ${user}: ${shown(rawOf(row))}`);
    }
    at += taken;
  }
  for (; at < texts.length; at++) if (!isPreparedAnew(at)) mismatches.push(`not seen: ${shown(texts[at])}`);
  return mismatches;
}

/** How many rows of the log this row stands for. */
function rowsOfCommand(command: string, texts: readonly string[], at: number, row: Row, encoding: string): number {
  const logged = texts[at];
  if (logged === undefined) return 0;
  const raw = rawOf(row);
  switch (command) {
    case 'query':
      return rowsOfText(texts, at, raw, row['status'] === 'error', encoding);
    case 'prepare':
      return isSameText(logged, raw, encoding) ? 1 : 0;
    case 'execute':
      if (row['command'] === 'bulk_execute') return isSameText(logged, raw, encoding) ? 1 : 0;
      return isSpliced(logged, raw, row['parameters'] as unknown[]) ? 1 : 0;
    case 'init_db':
      return logged === row['database_name'] ? 1 : 0;
    case 'connect':
    case 'change_user':
      return isLogin(logged, row) ? 1 : 0;
    default:
      return 1;
  }
}

/** `user@host on database using TCP/IP`; MariaDB leaves the last words out where there is a database. */
function isLogin(logged: string, row: Row): boolean {
  const match = /^(.*)@(\S*)(?: as \S* on| on)? ?(\S*?)(?: using \S+)?$/.exec(logged);
  return match !== null && match[1] === row['user_name'] && (match[3] ?? '') === row['database_name'];
}

/** The log knows no bulk execute: it has an Execute with the question marks as they are. */
function loggedAs(row: Row): string {
  return row['command'] === 'bulk_execute' ? 'execute' : String(row['command']);
}

function rawOf(row: Row): string {
  return String(row['statement_raw'] ?? '');
}

function shown(text: string | undefined): string {
  if (text === undefined) return 'nothing';
  return JSON.stringify(
    text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length})`,
  );
}
