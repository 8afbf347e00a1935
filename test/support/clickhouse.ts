import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, startEngine } from './clickhouse/engine.ts';
import type { FaultPlan } from './clickhouse/fault.ts';
import { FaultyProxy } from './clickhouse/faulty-proxy.ts';

export interface ClickhouseOptions {
  /** Where the engine keeps its data; default: a new directory, removed by `stop`. */
  readonly directory?: string;
  /** GRANT queries without TO: all the engine's user may do. Default: everything. */
  readonly grants?: readonly string[];
}

/**
 * ClickHouse over HTTP, for tests and for services they start: the embedded engine in a process of its own, or the server that
 * CLICKHOUSE_URL names (user and password from CLICKHOUSE_USER and CLICKHOUSE_PASSWORD). Before either stands a proxy that
 * lets go wrong what a test asks for. Requests to the embedded engine run one after another.
 */
export interface ClickhouseServer {
  /** `http://127.0.0.1:PORT`; the same for its whole life. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly directory: string;
  /** What went through so far. */
  readonly counters: Readonly<FaultyProxy['counters']>;
  /** Faults from now on; without any, all goes well again. */
  plan(...plans: readonly FaultPlan[]): void;
  /** Closes the port and all connections. */
  goAway(): Promise<void>;
  /** Opens the port again. */
  comeBack(): Promise<void>;
  /** The engine's process is killed with its data as they are, and started again. Only the embedded engine. */
  crash(): Promise<void>;
  /** Rows of a query, asked behind the proxy, where nothing goes wrong. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

const LOGIN = { user: 'tester', password: 'a password' };

export async function startClickhouse(options: ClickhouseOptions = {}): Promise<ClickhouseServer> {
  const external = process.env['CLICKHOUSE_URL'];
  const login =
    external === undefined
      ? LOGIN
      : { user: process.env['CLICKHOUSE_USER'] ?? 'default', password: process.env['CLICKHOUSE_PASSWORD'] ?? '' };
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'sqltrail-clickhouse-'));
  const start = () => startEngine(directory, `${LOGIN.user}=${LOGIN.password}`, options.grants ?? []);
  let engine: Engine | null = external === undefined ? await start() : null;
  let target = new URL(external ?? `http://127.0.0.1:${engine?.port}`);
  const proxy = new FaultyProxy(target);
  await proxy.listen();
  return {
    url: proxy.url,
    ...login,
    directory,
    counters: proxy.counters,
    plan: (...plans) => proxy.plan(...plans),
    goAway: () => proxy.goAway(),
    comeBack: () => proxy.listen(),
    crash: async () => {
      await engine?.end('SIGKILL');
      engine = await start();
      target = new URL(`http://127.0.0.1:${engine.port}`);
      proxy.target = target;
    },
    rows: (sql) => rowsOf(target, login, sql),
    stop: async () => {
      await proxy.goAway();
      await engine?.end('SIGTERM');
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function rowsOf(target: URL, login: typeof LOGIN, sql: string): Promise<Record<string, unknown>[]> {
  const answer = await fetch(new URL('/?default_format=JSONEachRow', target), {
    method: 'POST',
    headers: { 'x-clickhouse-user': login.user, 'x-clickhouse-key': login.password },
    body: sql,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
