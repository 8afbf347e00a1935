import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { queryRows, type Row, startCli } from '../support/cli.ts';
import { auditNameOf, type LoggedCommand, UNLOGGED_COMMANDS } from '../support/general-log.ts';
import { MariaDb } from '../support/mariadb.ts';
import { ensureInstalled } from '../support/packages.ts';
import { prepareSysbench, runSysbench, type Workload } from '../support/sysbench.ts';

const POINT_SELECTS: Workload = {
  script: 'oltp_point_select',
  preparedStatements: 'disable',
  events: 20_000,
  threads: 4,
  eventsPerSecond: 4_000,
};
const PREPARED_TRANSACTIONS: Workload = {
  script: 'oltp_read_write',
  preparedStatements: 'auto',
  events: 500,
  threads: 4,
  eventsPerSecond: 125,
};

let server: MariaDb;
let store: string;

beforeAll(async () => {
  ensureInstalled('mariadbd', 'sysbench', 'tcpdump');
  server = await MariaDb.start();
  await prepareSysbench(server);
});
afterAll(() => server?.stop());

beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), 'sqltrail-store-'));
  await server.clearGeneralLog();
});
afterEach(() => rmSync(store, { recursive: true, force: true }));

/** Captures the loopback interface while the work runs, then stops the capture with a signal. */
async function capture(how: string, signal: 'SIGINT' | 'SIGTERM', keepRaw: boolean, workload: Workload): Promise<void> {
  const args = [
    'run',
    '-i',
    'lo',
    '--port',
    String(server.port),
    '--capture',
    how,
    '--store',
    store,
    '--format',
    'none',
  ];
  const cli = startCli(keepRaw ? [...args, '--dangerously-keep-raw'] : args);
  await cli.said('capturing on lo');
  await runSysbench(server, workload);
  await sleep(1_000);
  cli.process.kill(signal);
  const outcome = await cli.outcome;
  expect(outcome.code, outcome.stderr).toBe(0);
  expect(outcome.stdout).toBe('');
}

describe.each(['tcpdump', 'cap'])('a live capture with %s', (how) => {
  test.each([
    ['text statements', 'SIGINT', POINT_SELECTS],
    ['prepared transactions', 'SIGTERM', PREPARED_TRANSACTIONS],
  ] as const)('stores of %s what the server logged, word for word, until %s', async (_title, signal, workload) => {
    await capture(how, signal, true, workload);
    const log = await server.generalLog();
    const rows = queryRows(store, 'SELECT connection_id, command, statement_raw, parameters FROM audit');
    expect(
      log.filter((entry) => entry.command === 'Query' || entry.command === 'Execute').length,
    ).toBeGreaterThanOrEqual(workload.events);
    const stored = rows.filter(isLogged).map(rowAsLine);
    const logged = log.map(logAsLine);
    expect({ missing: difference(logged, stored), surplus: difference(stored, logged) }).toEqual({
      missing: [],
      surplus: [],
    });
  });

  test('stores every command once, complete and masked, when raw text is not asked for', async () => {
    await capture(how, 'SIGINT', false, POINT_SELECTS);
    const log = await server.generalLog();
    const rows = queryRows(
      store,
      "SELECT connection_id, command, user_name, completeness, statement_masked FROM audit WHERE command = 'query'",
    );
    const queries = log.filter((entry) => entry.command === 'Query');
    expect(countBy(rows.map((row) => String(row['connection_id'])))).toEqual(
      countBy(queries.map((entry) => String(entry.threadId))),
    );
    expect(countBy(rows.map((row) => `${row['user_name']} ${row['completeness']} ${row['statement_masked']}`))).toEqual(
      {
        'sbtest complete SELECT c FROM sbtest1 WHERE id=?': queries.length,
      },
    );
  });
});

function isLogged(row: Row): boolean {
  return !UNLOGGED_COMMANDS.includes(String(row['command']));
}

/** Connection, command and text; the text of an execute has its values in place of the question marks, as the log has it. */
function rowAsLine(row: Row): string {
  const command = String(row['command']);
  const text = command === 'query' || command === 'prepare' ? String(row['statement_raw']) : '';
  return `${row['connection_id']} ${command} ${command === 'execute' ? withValues(row) : text}`;
}

function logAsLine(entry: LoggedCommand): string {
  const command = auditNameOf(entry.command);
  const hasText = command === 'query' || command === 'prepare' || command === 'execute';
  return `${entry.threadId} ${command} ${hasText ? entry.argument : ''}`;
}

function withValues(row: Row): string {
  const parameters = row['parameters'];
  const values = (typeof parameters === 'string' ? JSON.parse(parameters) : parameters) as (string | number | null)[];
  let next = 0;
  return String(row['statement_raw']).replaceAll('?', () => {
    const value = values[next++];
    return typeof value === 'string' ? `'${value}'` : String(value);
  });
}

/** Lines of `left` that `right` does not hold as often; the first ten, since all of them would be thousands. */
function difference(left: readonly string[], right: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of right) counts.set(line, (counts.get(line) ?? 0) + 1);
  const missing = left.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
  return missing.slice(0, 10);
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
