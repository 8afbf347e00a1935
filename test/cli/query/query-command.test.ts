import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readInvestigations } from '../../../cli/query/investigation.ts';
import { queryCommand } from '../../../cli/query.ts';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { hasChdb, temporaryDirectory } from '../../processors/store/chdb.ts';
import { makeTrail } from './made-trail.ts';

const directory = temporaryDirectory();
const store = join(directory.path, 'store');
let stdout = '';
let stderr = '';

/** Runs `sqltrail query …` on the test store. @returns What it printed. */
async function query(...args: string[]): Promise<string> {
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text: unknown, ...rest: unknown[]) => {
    stdout += String(text);
    const callback = rest.find((argument) => typeof argument === 'function');
    callback?.();
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text: unknown) => {
    stderr += String(text);
    return true;
  });
  try {
    await queryCommand().parseAsync(args, { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return stdout;
}

async function rowsOf(...args: string[]): Promise<Record<string, unknown>[]> {
  const text = await query(...args, '--store', store, '--format', 'json');
  return JSON.parse(text);
}

afterEach(() => vi.restoreAllMocks());
afterAll(() => directory.remove());

describe.skipIf(!hasChdb)('sqltrail query', () => {
  beforeAll(() => makeTrail(store));

  it('lists the investigations without asking a store', async () => {
    const text = await query('--store', join(directory.path, 'none'));
    for (const { name, title } of readInvestigations()) expect(text).toContain(`${name.padEnd(16)}  ${title}`);
  });

  it('says who ran what, newest first', async () => {
    const rows = await rowsOf('who-ran-what', '--user', "o'brien");
    expect(rows).toEqual([
      expect.objectContaining({ user_name: "o'brien", statement_masked: 'SELECT * FROM shop.users WHERE id = ?' }),
    ]);
    expect((await rowsOf('who-ran-what', '--limit', '4')).map((row) => row['event_time'])).toEqual([
      '2026-01-01 00:00:00.009000',
      '2026-01-01 00:00:00.008000',
      '2026-01-01 00:00:00.007000',
      '2026-01-01 00:00:00.006000',
    ]);
  });

  it('finds the slowest and the most frequent statements', async () => {
    expect((await rowsOf('slowest-digests'))[0]).toMatchObject({
      statement_masked: 'UPDATE orders SET a = ?',
      executions: 4,
      max_us: 5000,
    });
    expect((await rowsOf('frequent-digests'))[0]).toMatchObject({
      statement_masked: 'SELECT * FROM shop.users WHERE id = ?',
      executions: 6,
      users: 2,
    });
  });

  it('tells errors of statements from refused logins', async () => {
    expect(await rowsOf('errors-by-user')).toEqual([
      expect.objectContaining({ user_name: 'app', error_code: 1205, errors: 1 }),
    ]);
    expect(await rowsOf('failed-logins')).toEqual([
      expect.objectContaining({
        client_address: '10.0.1.2',
        failures: 3,
        users_tried: 3,
        users: ['guess0', 'guess1', 'guess2'],
        error_codes: [1045],
      }),
    ]);
    expect(await rowsOf('logins')).toHaveLength(4);
  });

  it.each([
    ['shop.users', 6],
    ['users', 6],
    ['SHOP.USERS', 6],
    ['orders', 4],
    ['shop.orders', 4],
    ['other.orders', 0],
    ['other.users', 0],
    ['user', 0],
  ])('finds who touched table %s', async (table, executions) => {
    const rows = await rowsOf('table-access', '--table', table);
    expect(rows.reduce((sum, row) => sum + Number(row['executions']), 0)).toBe(executions);
  });

  it('shows one connection in order, by either of its ids', async () => {
    const expected = ['connect', ...Array.from({ length: 9 }, () => 'query'), 'quit'];
    for (const id of ['01'.repeat(16), '77']) {
      expect((await rowsOf('session', '--connection', id)).map((row) => row['command'])).toEqual(expected);
    }
  });

  it('gives an overview, the completeness and the findings', async () => {
    expect((await rowsOf('overview'))[0]).toMatchObject({
      user_name: 'app',
      events: 11,
      statements: 9,
      errors: 1,
      connections: 1,
    });
    expect((await rowsOf('completeness'))[0]).toMatchObject({ events: 15, complete: 14, gap: 1 });
    expect(await rowsOf('findings')).toEqual([
      expect.objectContaining({ rule_id: 'exfil.mass_read', severity: 'high', events: 1, status: 'open' }),
    ]);
  });

  it('says what the trail does not know', async () => {
    expect(await rowsOf('losses')).toEqual([
      expect.objectContaining({
        client_address: '10.0.1.3',
        reason: 'gap',
        spans: 2,
        connections: 1,
        client_bytes: 500,
        server_bytes: 70,
      }),
    ]);
    expect(await rowsOf('coverage')).toEqual([
      expect.objectContaining({
        executed: 40,
        seen: 11,
        share: 0.275,
        missing: { gap: 20, tls: 6, unix_socket: 3 },
        measured_minutes: 1,
        minutes: 1,
        share_complete: 0.43,
        events: 15,
        open_events: 1,
        lost: { 'edge.bytes.gap': 570 },
      }),
    ]);
    expect(await rowsOf('ledger')).toEqual([
      expect.objectContaining({ stage: 'edge', unit: 'bytes', lost: 570, reasons: { gap: 570 }, unaccounted: 0 }),
      expect.objectContaining({
        stage: 'decode',
        unit: 'events',
        taken_in: 16,
        passed_on: 15,
        open: 1,
        unaccounted: 0,
      }),
    ]);
  });

  it('prints the coverage of its window beside an investigation for people, and nothing of it beside json', async () => {
    const table = await query('logins', '--store', store, '--since', '2026-01-01', '--until', '2026-01-02');
    expect(table).not.toContain('Coverage');
    expect(stderr).toBe(
      'Coverage of this window:\n  10.0.0.1:3306: 27.50 % of 40 statements; missing: gap 20, tls 6, unix_socket 3 (1 of 1 minutes measured)\n',
    );
    await query('logins', '--store', store, '--until', '2025-12-31');
    expect(stderr).toContain('Coverage of this window: unknown. No edge and no watcher reported on it.');
    await query('overview', '--store', store, '--server', 'db9');
    expect(stderr).toContain('Coverage of this window: unknown.');
    await rowsOf('logins');
    expect(stderr).toBe('');
  });

  it('sums up activity out of the rollups that a run leaves behind', async () => {
    expect((await rowsOf('activity'))[0]).toMatchObject({
      user_name: 'app',
      events: 11,
      statements: 9,
      errors: 1,
      digests: 2,
    });
    expect(await rowsOf('activity', '--user', "o'brien")).toEqual([expect.objectContaining({ events: 1 })]);
  });

  it.each(readInvestigations().map(({ name }) => name))('%s respects since and until', async (name) => {
    const needed = name === 'table-access' ? ['--table', 'users'] : name === 'session' ? ['--connection', '77'] : [];
    expect(await rowsOf(name, ...needed, '--since', '2026-01-01', '--until', '2026-01-02')).not.toEqual([]);
    expect(await rowsOf(name, ...needed, '--until', '2025-12-31')).toEqual([]);
    expect(stderr).toContain('The store holds events from 2026-01-01 00:00:00');
    expect(await rowsOf(name, ...needed, '--since', '2026-01-02')).toEqual([]);
  });

  it('runs an analyst’s own query and prints nothing else to stdout', async () => {
    expect(
      await query(
        '--sql',
        "SELECT count() AS n FROM audit WHERE user_name = 'app';",
        '--store',
        store,
        '--format',
        'csv',
      ),
    ).toBe('n\r\n11\r\n');
    expect(stderr).toBe('');
  });

  it.each([
    'WITH 1 AS x INSERT INTO audit_events SELECT 1',
    "SELECT * FROM url('http://127.0.0.1:9/', CSV, 'a String')",
    "SELECT * FROM remote('127.0.0.1:9', system.one)",
    "SELECT * FROM '/etc/passwd'",
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT nothing FROM audit',
    'SELECT FROM WHERE',
  ])('has the engine refuse: %s', async (sql) => {
    await expect(query('--sql', sql, '--store', store)).rejects.toMatchObject({ code: 'query_invalid', exitCode: 2 });
    expect(stdout).toBe('');
    expect((await rowsOf('--sql', 'SELECT count() AS n FROM audit_events'))[0]).toEqual({ n: 15 });
  });

  it('refuses a store that does not exist, and makes none', async () => {
    const missing = join(directory.path, 'missing');
    await expect(query('logins', '--store', missing)).rejects.toMatchObject({
      code: 'store_failed',
      exitCode: 1,
      message: expect.stringContaining('no store at'),
    });
    expect(existsSync(missing)).toBe(false);
  });

  it.each([
    [['nothing'], 'query_unknown'],
    [['logins', '--digest', 'x'], 'query_invalid'],
    [['table-access'], 'query_invalid'],
    [['logins', '--sql', 'SELECT 1'], 'usage'],
    [['--user', 'x'], 'usage'],
    [['--sql', 'SELECT 1', '--user', 'x'], 'query_invalid'],
    [['logins', '--format', 'xml'], 'usage'],
  ])('refuses %o as bad usage', async (args, code) => {
    await expect(query(...args, '--store', store)).rejects.toMatchObject({ code, exitCode: 2 });
  });

  it('says that an empty store holds nothing yet', async () => {
    const empty = join(directory.path, 'empty');
    await (await AuditStore.open({ kind: 'embedded', directory: empty })).close();
    expect(await query('overview', '--store', empty)).toBe('');
    expect(stderr).toContain('No rows: the store holds no events yet.\n');
  });
});
