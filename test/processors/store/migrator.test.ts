import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import { migrate, readMigrations } from '../../../processors/store/migrator.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';

const directory = temporaryDirectory();
const client = hasChdb
  ? await ClickhouseClient.open({ kind: 'embedded', directory: join(directory.path, 'store') }, 'write')
  : null;
afterAll(async () => {
  await client?.close();
  directory.remove();
});

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(directory.path, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

const first = { '0001_first.sql': '-- the first\nCREATE TABLE first (a UInt8) ENGINE = MergeTree ORDER BY a' };
const wrong = { '0003_wrong.sql': 'CREATE TABLE wrong (a Nothing_known) ENGINE = MergeTree ORDER BY a' };
const second = { '0002_second.sql': 'CREATE TABLE second (a UInt8) ENGINE = MergeTree ORDER BY a' };

describe.skipIf(client === null)('migrate', () => {
  it('applies what is missing, in order, and nothing the second time', async () => {
    expect(await migrate(client!, readMigrations(folder('one', first)))).toBe(1);
    const both = readMigrations(folder('two', { ...first, ...second }));
    expect(await migrate(client!, both)).toBe(1);
    expect(await migrate(client!, both)).toBe(0);
    expect(await client!.rows('SELECT number, name FROM schema_migrations ORDER BY number')).toEqual([
      { number: 1, name: 'first' },
      { number: 2, name: 'second' },
    ]);
  });

  it('knows what it applied before one that failed, and says why that failed', async () => {
    const own = await ClickhouseClient.open({ kind: 'embedded', directory: join(directory.path, 'store') }, 'write');
    await own.command('CREATE DATABASE failing');
    await own.command('USE failing');
    await expect(migrate(own, readMigrations(folder('failing', { ...first, ...second, ...wrong })))).rejects.toThrow(
      'UNKNOWN_TYPE',
    );
    expect(await own.rows('SELECT name FROM schema_migrations ORDER BY number')).toEqual([
      { name: 'first' },
      { name: 'second' },
    ]);
    await own.command('USE default');
    await own.close();
  });

  it('refuses an applied migration that was edited', async () => {
    const edited = readMigrations(
      folder('edited', { '0001_first.sql': `${first['0001_first.sql']} -- edited`, ...second }),
    );
    await expect(migrate(client!, edited)).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('edited after'),
    });
  });

  it('refuses a store of a newer version', async () => {
    await expect(migrate(client!, readMigrations(folder('one', first)))).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('migration 2'),
    });
  });

  it('runs the substituted text, whose checksum is that of the file', async () => {
    const path = folder('substituted', {
      ...first,
      ...second,
      '0003_third.sql': 'CREATE TABLE third (a UInt8) ENGINE = MergeTree ORDER BY a',
    });
    await migrate(
      client!,
      readMigrations(path, (sql) => sql.replace('MergeTree', 'ReplacingMergeTree')),
    );
    expect(await migrate(client!, readMigrations(path))).toBe(0);
    expect(await client!.rows("SELECT engine FROM system.tables WHERE name = 'third'")).toEqual([
      { engine: 'ReplacingMergeTree' },
    ]);
  });
});

describe('readMigrations', () => {
  it('refuses names without a number and numbers used twice', () => {
    expect(() => readMigrations(folder('unnamed', { 'first.sql': '' }))).toThrow('not named like');
    expect(() => readMigrations(folder('twice', { '0001_a.sql': '', '0001_b.sql': '' }))).toThrow('have the number 1');
  });

  it('finds the project’s own in the order of their numbers, each once', () => {
    const numbers = readMigrations().map((migration) => migration.number);
    expect(numbers.length).toBeGreaterThan(2);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });
});
