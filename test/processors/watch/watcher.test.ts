import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { MysqlFault } from '../../../processors/watch/mysql-fault.ts';
import type { SessionSweep } from '../../../processors/watch/session-changes.ts';
import { Watcher } from '../../../processors/watch/watcher.ts';
import { type FakeBehaviour, type FakeMysql, startFakeMysql } from './fake-mysql.ts';

interface Watched {
  readonly watcher: Watcher;
  readonly fake: FakeMysql;
  readonly sweeps: SessionSweep[];
  readonly faults: (MysqlFault | null)[];
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function watch(
  behaviour: Partial<FakeBehaviour>,
  options: { intervalMs?: number; queryTimeoutMs?: number; connectTimeoutMs?: number; port?: number } = {},
): Promise<Watched> {
  const fake = await startFakeMysql(behaviour);
  cleanups.push(() => fake.close());
  const sweeps: SessionSweep[] = [];
  const faults: (MysqlFault | null)[] = [];
  const watcher = new Watcher({
    intervalMs: options.intervalMs ?? 60_000,
    queryTimeoutMs: options.queryTimeoutMs ?? 5_000,
    moreTasks: () => [],
    onSweep: (sweep) => {
      sweeps.push(sweep);
    },
    onAttempt: (_, fault) => faults.push(fault),
    lookUp: (name) => (name === 'app1.example.com' ? Promise.resolve(['10.0.0.7']) : Promise.reject(new Error(name))),
    nowMs: Date.now,
    random: () => 0,
  });
  cleanups.push(() => watcher.close());
  watcher.add({
    names: { serverId: 'db7', addresses: [], port: 3306 },
    mysql: {
      host: '127.0.0.1',
      port: options.port ?? fake.port,
      user: 'sqltrail',
      password: 'secret',
      connectTimeoutMs: options.connectTimeoutMs ?? 2_000,
    },
    clientAddresses: new Map([['gateway', '10.9.9.9']]),
  });
  return { watcher, fake, sweeps, faults };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isSo(); i++) await sleep(10);
  expect(isSo()).toBe(true);
}

describe('a watcher', () => {
  it('tells who is connected over TCP, resolves names, and leaves out sockets and threads of the server', async () => {
    const { sweeps, fake } = await watch({
      sessions: [
        [11, 'alice', '10.0.0.8:40001', 'shop', 3],
        [12, 'bob', 'app1.example.com:40002', null, 0],
        [13, 'carol', 'nowhere.example.com:40003', null, 0],
        [14, 'dave', '2001:DB8:0:0::1:40004', null, 0],
        [15, 'erin', 'gateway:40005', null, 0],
        [16, 'frank', 'localhost:40006', null, 0],
        [20, 'root', 'localhost', null, 0],
        [21, 'unauthenticated user', '10.0.0.8:40007', null, 0],
        [22, 'system user', '', null, 0],
        [5, 'event_scheduler', 'localhost', null, 0],
      ],
    });
    await until(() => sweeps.length > 0);
    expect(
      sweeps[0]!.sessions.map(({ user_name, client_addresses, client_port, database_name }) => [
        user_name,
        client_addresses,
        client_port,
        database_name,
      ]),
    ).toEqual([
      ['alice', ['10.0.0.8'], 40_001, 'shop'],
      ['bob', ['10.0.0.7'], 40_002, ''],
      ['carol', [], 40_003, ''],
      ['dave', ['2001:db8::1'], 40_004, ''],
      ['erin', ['10.9.9.9'], 40_005, ''],
      ['frank', ['127.0.0.1', '::1'], 40_006, ''],
    ]);
    expect(sweeps[0]!.server).toMatchObject({ server_id: 'db7', port: 3306, sessions: 6 });
    expect(fake.login.toString('latin1')).toContain('program_name\u000esqltrail-watch');
  });

  it('never asks for the text of what others run', async () => {
    const { sweeps, fake } = await watch({ sessions: [[11, 'alice', '10.0.0.8:40001', null, 0]] });
    await until(() => sweeps.length > 0);
    expect(fake.queries.filter((sql) => /PROCESSLIST/i.test(sql))).toHaveLength(1);
    for (const sql of fake.queries) expect(sql).not.toMatch(/INFO\b|\*|FULL/i);
  });

  it('cleans names that could forge what a person sees', async () => {
    const { sweeps } = await watch({
      sessions: [
        [11, 'a\u001b[31mb\u202e', '10.0.0.8:40001', 'd\nb', 0],
        [12, `o'brien"\\😀`, '10.0.0.8:40002', 'x'.repeat(1000), 0],
      ],
    });
    await until(() => sweeps.length > 0);
    const [first, second] = sweeps[0]!.sessions;
    expect(first).toMatchObject({ user_name: 'a\ufffd[31mb\ufffd', database_name: 'd\ufffdb' });
    expect(second!.user_name).toBe(`o'brien"\\😀`);
    expect(second!.database_name).toHaveLength(256);
  });

  it('takes ten thousand sessions, and tells only what has changed of them afterwards', async () => {
    const sessions = Array.from(
      { length: 10_000 },
      (_, i) => [i + 1, `u${i % 9}`, `10.0.${i >> 8}.${i & 255}:${40_000 + (i % 20_000)}`, null, 1] as const,
    );
    const { sweeps, fake } = await watch({ sessions }, { intervalMs: 300 });
    await until(() => sweeps.length > 0);
    expect(sweeps[0]!.sessions).toHaveLength(10_000);
    fake.behaviour.sessions = [...sessions.slice(1), [20_000, 'new', '10.1.1.1:5', null, 0]];
    await until(() => sweeps.some(({ gone }) => gone.length > 0));
    const changed = sweeps.find(({ gone }) => gone.length > 0)!;
    expect(changed.gone).toEqual([1]);
    expect(changed.sessions.map(({ connection_id }) => connection_id)).toEqual([20_000]);
  });

  it('asks once in an interval, and the query of the next one at once where somebody cannot wait', async () => {
    const { sweeps, fake, watcher } = await watch({}, { intervalMs: 1_000 });
    const lists = () => fake.queries.filter((sql) => /PROCESSLIST/i.test(sql)).length;
    await until(() => sweeps.length === 1);
    for (let i = 0; i < 20; i++) watcher.askSoon('db7', 0);
    await until(() => sweeps.length === 2);
    for (let i = 0; i < 20; i++) watcher.askSoon('db7', 0);
    await sleep(500);
    expect(lists()).toBe(2);
  });

  it.each([
    ['refuses the login', { refusesLogin: true }, 'login_refused'],
    ['does not give its list', { refusesLists: 1227 }, 'not_allowed'],
    ['would show the user no sessions but his own', { lacksProcess: true }, 'not_allowed'],
  ] as const)('tells that a server %s, without what it says, and goes on', async (_, behaviour, kind) => {
    const { faults, watcher, fake, sweeps } = await watch(behaviour, { intervalMs: 50 });
    await until(() => faults.length > 0);
    expect(faults[0]).toMatchObject({ kind });
    expect(String(faults[0])).not.toContain('secret');
    expect(watcher.servers.get('db7')!.watcher.faultNow?.kind).toBe(kind);
    Object.assign(fake.behaviour, { refusesLogin: false, refusesLists: 0, lacksProcess: false });
    await until(() => sweeps.length > 0);
    expect(watcher.servers.get('db7')!.watcher.faultNow).toBeNull();
  });

  it('tells that a server is down', async () => {
    const { faults } = await watch({}, { port: 1 });
    await until(() => faults.length > 0);
    expect(faults[0]).toMatchObject({ kind: 'unreachable', code: 'ECONNREFUSED' });
  });

  it('ends at once, also while a server is silent', async () => {
    const { fake, watcher, faults } = await watch({ delayMs: 600_000 }, { queryTimeoutMs: 600_000 });
    await until(() => fake.queries.length > 0);
    await watcher.close();
    expect([faults, fake.answered]).toEqual([[], 0]);
  });

  it('ends at once, also while a login gets no answer', async () => {
    const { fake, watcher, faults } = await watch({ isMute: true }, { connectTimeoutMs: 600_000 });
    await until(() => fake.connections > 0);
    await watcher.close();
    expect([faults, fake.answered]).toEqual([[], 0]);
  });

  it('gives up a query that takes too long, and does not ask again meanwhile', async () => {
    const { faults, fake } = await watch({ delayMs: 60_000 }, { intervalMs: 20, queryTimeoutMs: 200 });
    await until(() => faults.length > 0);
    expect(faults[0]).toMatchObject({ kind: 'slow' });
    expect(fake.queries.length).toBe(1);
  });
});
