import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../../cli/config/config-schema.ts';
import type { CheckOutcome } from '../../../cli/doctor/check.ts';
import { runDoctor } from '../../../cli/doctor/run-doctor.ts';
import { type ClickhouseServer, startClickhouse } from '../../support/clickhouse.ts';
import { makeTables } from './store-rig.ts';

let server: ClickhouseServer;
beforeAll(async () => {
  server = await startClickhouse();
});
afterAll(() => server.stop());

async function outcomeOf(settings: Partial<Record<'url' | 'user' | 'password', string>> = {}): Promise<CheckOutcome> {
  const { url, user, password } = server;
  const config = configSchema.parse({ clickhouse: { url, user, password, ...settings } });
  return (await runDoctor(config, process.env)).find(({ what }) => what === 'clickhouse')!;
}

describe('what doctor says of ClickHouse', () => {
  it('misses the tables of a server without them, and is content once they are made', async () => {
    expect(await outcomeOf()).toMatchObject({
      state: 'bad',
      sentence: expect.stringMatching(/^The ClickHouse server lacks \d+ migrations of this version, from number 1 /),
      cure: expect.stringContaining('sqltrail migrate'),
    });
    expect(await server.rows('SHOW TABLES')).toEqual([]);
    await makeTables(server);
    expect(await outcomeOf()).toMatchObject({
      state: 'ok',
      sentence: 'It answers, and has the tables of this version.',
    });
  });

  it('tells a server that lacks the last migration by its number', async () => {
    const [last] = await server.rows('SELECT max(number) AS number FROM schema_migrations');
    await server.rows(
      `ALTER TABLE schema_migrations DELETE WHERE number = ${last?.['number']} SETTINGS mutations_sync = 2`,
    );
    expect(await outcomeOf()).toMatchObject({
      state: 'bad',
      sentence: expect.stringContaining(`lacks a migration of this version, from number ${last?.['number']} `),
    });
  });

  it('names the cure of a wrong password, and neither password nor what the server said', async () => {
    const outcome = await outcomeOf({ password: 'not-the-password' });
    expect(outcome).toMatchObject({ state: 'bad', cure: expect.stringContaining('Check the user and password') });
    expect(outcome.sentence).toMatch(/ClickHouse error (194|516)/);
    expect(JSON.stringify(outcome)).not.toContain('not-the-password');
  });

  it('tells of a server that is away, and of one that does not answer', async () => {
    await server.goAway();
    expect(await outcomeOf()).toMatchObject({
      state: 'bad',
      sentence: expect.stringContaining('ClickHouse cannot be reached (ECONNREFUSED)'),
    });
    await server.comeBack();
    server.plan({ fault: { kind: 'hang' }, insertsOnly: false });
    expect(await outcomeOf()).toMatchObject({ state: 'bad', sentence: 'No answer within 15 s.' });
    server.plan();
  });
});
