import { afterEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../../cli/config/config-schema.ts';
import { findingText, runDoctor } from '../../../cli/doctor/run-doctor.ts';
import { type FakeBehaviour, type FakeMysql, startFakeMysql } from '../../processors/watch/fake-mysql.ts';

let fake: FakeMysql | null = null;
afterEach(async () => {
  await fake?.close();
  fake = null;
});

async function findingsOf(behaviour: Partial<FakeBehaviour>, settings: object = {}) {
  fake = await startFakeMysql(behaviour);
  const servers = [{ id: 'db7', host: '127.0.0.1', port: fake.port, user: 'sqltrail' }];
  const findings = await runDoctor(configSchema.parse({ watch: { servers }, ...settings }), process.env);
  return Object.fromEntries(findings.map((finding) => [finding.what, finding]));
}

const SESSIONS = [
  [11, 'a', '10.0.0.7:40001', null, 0],
  [12, 'b', '10.0.0.7:40002', null, 0],
  [13, 'c', '10.0.0.7:40003', null, 0],
] as const;

describe('doctor', () => {
  it('finds a server well whose list shows the connections that its status counts', async () => {
    const findings = await findingsOf({ sessions: SESSIONS, threads: 3 });
    expect(findings['mysql db7']).toMatchObject({ state: 'ok' });
    expect(findings['kafka']).toMatchObject({ state: 'skipped' });
    expect(findings['clickhouse']).toMatchObject({ state: 'skipped' });
  });

  it('notices a user who sees only himself, for which a server gives no error', async () => {
    const findings = await findingsOf({ sessions: SESSIONS.slice(0, 1), threads: 200 });
    expect(findings['mysql db7']).toMatchObject({ state: 'bad' });
    expect(findings['mysql db7']!.cure).toContain('GRANT PROCESS');
  });

  it('names the cure of a refused login, and nothing that the server said', async () => {
    const findings = await findingsOf({ refusesLogin: true });
    const text = findingText(findings['mysql db7']!);
    expect(text).toContain('BAD');
    expect(text).toContain('refuses the login');
    expect(text).not.toContain('secret');
  });

  it('tells of brokers that do not answer', async () => {
    const findings = await findingsOf({}, { kafka: { brokers: ['127.0.0.1:1'] } });
    expect(findings['kafka']).toMatchObject({ state: 'bad' });
  });
});
