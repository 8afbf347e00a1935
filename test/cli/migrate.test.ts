import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { migrateCommand } from '../../cli/migrate.ts';
import { hasChdb, temporaryDirectory } from '../processors/store/chdb.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Runs `sqltrail migrate …`. @returns What it printed. */
async function migrate(...args: string[]): Promise<string> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text: unknown, ...rest: unknown[]) => {
    printed += String(text);
    rest.find((argument) => typeof argument === 'function')?.();
    return true;
  });
  try {
    await migrateCommand().parseAsync(args, { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return printed;
}

describe('sqltrail migrate', () => {
  it.skipIf(!hasChdb)('prints the SQL that would run, then runs it, and then has nothing to do', async () => {
    const store = ['--store', directory.path];
    const planned = await migrate(...store, '--dry-run');
    expect(planned).toContain('CREATE TABLE IF NOT EXISTS audit_events');
    expect(planned).not.toContain('TTL toDateTime(event_time)');
    expect(await migrate(...store)).toMatch(/^Applied migrations: \d+\.\n$/);
    expect(await migrate(...store)).toBe('The tables are up to date.\n');
    expect(await migrate(...store, '--dry-run')).toBe('-- Nothing to do.\n');
  });

  it('names the key of the configuration where no server is given', async () => {
    vi.stubEnv('CLICKHOUSE_URL', undefined);
    await expect(migrate()).rejects.toMatchObject({ exitCode: 2, cure: expect.stringContaining('clickhouse.url') });
  });

  it.each([
    ['both a store and a server', ['--store', '/x', '--clickhouse-url', 'http://localhost:8123']],
    ['users of an embedded store', ['--store', '/x', '--users']],
  ])('refuses %s', async (_name, args) => {
    await expect(migrate(...args)).rejects.toMatchObject({ code: 'usage', exitCode: 2 });
  });

  it('refuses a cluster without replication before it asks the server', async () => {
    vi.stubEnv('SQLTRAIL_CLICKHOUSE__CLUSTER', 'all');
    await expect(migrate('--clickhouse-url', 'http://127.0.0.1:9')).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
