import { afterEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../../cli/config/config-schema.ts';
import { outcomeText, runDoctor } from '../../../cli/doctor/run-doctor.ts';
import { type FakeBehaviour, type FakeMysql, startFakeMysql } from '../../processors/watch/fake-mysql.ts';

let fake: FakeMysql | null = null;
afterEach(async () => {
  await fake?.close();
  fake = null;
});

async function outcomesOf(behaviour: Partial<FakeBehaviour>, settings: object = {}, watch: object = {}) {
  fake = await startFakeMysql(behaviour);
  const servers = [{ id: 'db7', host: '127.0.0.1', port: fake.port, user: 'sqltrail' }];
  const outcomes = await runDoctor(configSchema.parse({ watch: { servers, ...watch }, ...settings }), process.env);
  return Object.fromEntries(outcomes.map((outcome) => [outcome.what, outcome]));
}

const SESSIONS = [
  [11, 'a', '10.0.0.7:40001', null, 0],
  [12, 'b', '10.0.0.7:40002', null, 0],
  [13, 'c', '10.0.0.7:40003', null, 0],
] as const;

describe('doctor', () => {
  it('finds a server well that shows its user the sessions of others', async () => {
    const outcomes = await outcomesOf({ sessions: SESSIONS });
    expect(outcomes['mysql db7']).toMatchObject({
      state: 'ok',
      sentence: expect.stringMatching(/^3 sessions and threads in \d+ ms; MySQL 8\.4\.0\.$/),
    });
    expect(outcomes['kafka']).toMatchObject({ state: 'skipped' });
    expect(outcomes['clickhouse']).toMatchObject({ state: 'skipped' });
  });

  it('notices a user who sees only himself, also where nobody else is connected', async () => {
    const outcomes = await outcomesOf({ sessions: SESSIONS.slice(0, 1), lacksProcess: true });
    expect(outcomes['mysql db7']).toMatchObject({ state: 'bad' });
    expect(outcomes['mysql db7']!.cure).toContain('GRANT PROCESS');
  });

  it('names the cure of a refused login, and nothing that the server said', async () => {
    const outcomes = await outcomesOf({ refusesLogin: true });
    const text = outcomeText(outcomes['mysql db7']!);
    expect(text).toContain('BAD');
    expect(text).toContain('refuses the login');
    expect(text).not.toContain('secret');
  });

  it('tells of a server that is slower than the watcher would wait for, and of its cure', async () => {
    const outcomes = await outcomesOf({ delayMs: 30_000 }, {}, { query_timeout_s: 1 });
    expect(outcomes['mysql db7']).toMatchObject({
      state: 'bad',
      sentence: 'The server does not answer in time (ETIMEDOUT)',
      cure: expect.stringContaining('watch.query_timeout_s'),
    });
  });

  it('says of an id that comes twice that none of the servers can be tried', async () => {
    const twice = Array.from({ length: 2 }, () => ({ id: 'db7', host: '127.0.0.1', port: 1, user: 'u' }));
    const outcomes = await runDoctor(configSchema.parse({ watch: { servers: twice } }), process.env);
    expect(outcomes.filter(({ what }) => what.startsWith('mysql'))).toMatchObject([
      { what: 'mysql', state: 'bad', sentence: expect.stringContaining('is the id of another server too') },
    ]);
  });

  it('tells of brokers that do not answer', async () => {
    const outcomes = await outcomesOf({}, { kafka: { brokers: ['127.0.0.1:1'] } });
    expect(outcomes['kafka']).toMatchObject({ state: 'bad' });
  });
});
