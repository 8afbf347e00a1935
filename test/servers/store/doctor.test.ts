import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../../cli/config/config-schema.ts';
import type { Finding } from '../../../cli/doctor/check.ts';
import { runDoctor } from '../../../cli/doctor/run-doctor.ts';
import { type ClickhouseServer, startClickhouse } from '../../support/clickhouse.ts';
import { makeTables } from './store-rig.ts';

let server: ClickhouseServer;
beforeAll(async () => {
  server = await startClickhouse();
});
afterAll(() => server.stop());

async function findingOf(settings: Partial<Record<'url' | 'user' | 'password', string>> = {}): Promise<Finding> {
  const { url, user, password } = server;
  const config = configSchema.parse({ clickhouse: { url, user, password, ...settings } });
  return (await runDoctor(config, process.env)).find(({ what }) => what === 'clickhouse')!;
}

describe('what doctor finds of ClickHouse', () => {
  it('misses the tables of a server without them, and is content once they are made', async () => {
    expect(await findingOf()).toMatchObject({
      state: 'bad',
      sentence: expect.stringMatching(/^The ClickHouse server lacks \d+ migrations of this version, from number 1 /),
      cure: expect.stringContaining('sqltrail migrate'),
    });
    expect(await server.rows('SHOW TABLES')).toEqual([]);
    await makeTables(server);
    expect(await findingOf()).toMatchObject({
      state: 'ok',
      sentence: 'It answers, and has the tables of this version.',
    });
  });

  it('tells a server that lacks the last migration by its number', async () => {
    const [last] = await server.rows('SELECT max(number) AS number FROM schema_migrations');
    await server.rows(
      `ALTER TABLE schema_migrations DELETE WHERE number = ${last?.['number']} SETTINGS mutations_sync = 2`,
    );
    expect(await findingOf()).toMatchObject({
      state: 'bad',
      sentence: expect.stringContaining(`lacks a migration of this version, from number ${last?.['number']} `),
    });
  });

  it('names the cure of a wrong password, and neither password nor what the server said', async () => {
    const finding = await findingOf({ password: 'not-the-password' });
    expect(finding).toMatchObject({ state: 'bad', cure: expect.stringContaining('Check the user and password') });
    expect(finding.sentence).toMatch(/ClickHouse error (194|516)/);
    expect(JSON.stringify(finding)).not.toContain('not-the-password');
  });

  it('tells of a server that is away, and of one that does not answer', async () => {
    await server.goAway();
    expect(await findingOf()).toMatchObject({
      state: 'bad',
      sentence: expect.stringContaining('ClickHouse cannot be reached (ECONNREFUSED)'),
    });
    await server.comeBack();
    server.plan({ fault: { kind: 'hang' }, insertsOnly: false });
    expect(await findingOf()).toMatchObject({ state: 'bad', sentence: 'No answer within 15 s.' });
    server.plan();
  });
});
