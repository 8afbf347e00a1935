import type { Row } from '../cli.ts';
import type { Dropped } from './drop-packets.ts';

/** What a row that bears no mark says must be true in full. */
const FACTS = [
  'statement_raw',
  'statement_bytes',
  'status',
  'error_code',
  'sql_state',
  'affected_rows',
  'returned_rows',
  'last_insert_id',
  'warnings',
  'request_bytes',
  'response_bytes',
  'in_transaction',
  'parameters',
] as const;
/** Known or not known, but never another's. */
const IDENTITY = ['user_name', 'database_name', 'connection_id', 'server_version', 'client_program'] as const;
const SHOWN = 20;
/** From here on a command is not told by the time of one packet; it is looked for from the other side. */
const MANY_PACKETS_BYTES = 65_000;
const LONGEST_PACKET = 0xff_ffff;

export interface Damage {
  /** Sentences, the first 20: rows that say what is not so, rows of nothing, rows that are missing without a reason. */
  readonly wrong: readonly string[];
  readonly right: number;
  readonly marked: number;
  readonly missing: number;
}

/** Holds the rows of a capture with packets taken out against those of the whole one. */
export function compareWithClean(clean: readonly Row[], damaged: readonly Row[], dropped: Dropped): Damage {
  const expected = keyed(clean);
  const found = keyed(damaged);
  const wrong: string[] = [];
  let right = 0;
  let marked = 0;
  let missing = 0;
  // A change of user that was lost leaves no trace: the rows after it have the user before.
  const lostUsers = new Set(
    [...expected]
      .filter(([key, row]) => row['command'] === 'change_user' && !found.has(key))
      .map(([, row]) => row['client_port']),
  );
  for (const [key, row] of found) {
    const truth = expected.get(key) ?? cutShort(row, expected, found);
    if (truth === undefined) {
      wrong.push(`${key}: there was no such command: ${JSON.stringify(row).slice(0, 600)}`);
      continue;
    }
    const isMarked = row['completeness'] !== 'complete' || row['status'] === 'unknown';
    if (isMarked) marked++;
    else right++;
    // The server closed its statements with the change of user.
    if (row['command'] === 'close' && lostUsers.has(row['client_port'])) continue;
    const differing = isMarked
      ? markedDifferences(row, truth)
      : differences(row, truth, FACTS).filter((name) => !isInherited(row, name));
    for (const name of IDENTITY) {
      const isUnknown = row[name] === '' || row[name] === 0;
      const isStale = name === 'user_name' && lostUsers.has(row['client_port']);
      if (!isUnknown && !isStale && row[name] !== truth[name]) differing.push(name);
    }
    for (const name of differing)
      wrong.push(`${key} ${row['completeness']}: ${name} is ${shown(row[name])}, not ${shown(truth[name])}`);
  }
  for (const [key, row] of expected) {
    if (found.has(key)) continue;
    if (Number(row['request_bytes']) > MANY_PACKETS_BYTES) continue;
    missing++;
    if (!dropped.requests.has(`${row['client_port']} ${row['event_time']}`))
      wrong.push(`${key}: missing, though its packet is there: ${shown(row['statement_raw'])}`);
  }
  return { wrong: wrong.slice(0, SHOWN), right, marked, missing };
}

/** By the connection, the command and the time of its first packet, which are the same in both captures. */
function keyed(rows: readonly Row[]): Map<string, Row> {
  const map = new Map<string, Row>();
  for (const row of rows) {
    const stem = `${row['client_port']} ${row['event_time']} ${row['command']}`;
    let key = stem;
    for (let i = 2; map.has(key); i++) key = `${stem} ${i}`;
    map.set(key, row);
  }
  return map;
}

/**
 * What a row has from the commands before it, one of which was lost without a trace of what it was: nobody can know of a
 * change of user or character set, nor of a COMMIT before an answer that says nothing of transactions.
 */
function isInherited(row: Row, name: string): boolean {
  if (name === 'in_transaction') return row['command'] === 'prepare' || row['status'] === 'error';
  return name === 'statement_raw' && String(row[name]).includes('\ufffd');
}

/** A command of many packets has the time of the one that completes its first MySQL packet: without that, of the first. */
function cutShort(row: Row, expected: ReadonlyMap<string, Row>, found: ReadonlyMap<string, Row>): Row | undefined {
  if (row['completeness'] === 'complete') return undefined;
  const start = String(row['statement_raw']).slice(0, 32);
  for (const [key, truth] of expected) {
    const isSame = truth['client_port'] === row['client_port'] && truth['command'] === row['command'];
    const bytes = Number(truth['request_bytes']);
    // Cut in the first MySQL packet of several, a command does not tell how many were to come.
    const isLength = row['request_bytes'] === bytes || (bytes > LONGEST_PACKET && Number(row['request_bytes']) < bytes);
    if (isSame && isLength && !found.has(key) && String(truth['statement_raw']).startsWith(start)) return truth;
  }
  return undefined;
}

/** A mark is no licence: what is told of status and text must be so, only less of it. */
function markedDifferences(row: Row, truth: Row): string[] {
  const differing = row['status'] === 'unknown' ? [] : differences(row, truth, ['status', 'error_code']);
  const text = String(row['statement_raw']);
  const isPart = text === '' || text === truth['statement_raw'];
  if (!isPart && !(row['completeness'] === 'gap' && String(truth['statement_raw']).startsWith(text.slice(0, 32))))
    differing.push('statement_raw');
  return differing;
}

function differences(row: Row, truth: Row, names: readonly string[]): string[] {
  return names.filter((name) => JSON.stringify(row[name]) !== JSON.stringify(truth[name]));
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 120);
}
