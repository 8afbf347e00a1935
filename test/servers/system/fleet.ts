import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../support/cli.ts';
import { type ClickhouseServer, startClickhouse } from '../../support/clickhouse.ts';
import { KafkaServer } from '../../support/kafka.ts';
import { Service } from '../../support/service.ts';

/** The deployment the product is for, on one machine: a broker, ClickHouse behind HTTP, and services in processes of their own. */
export class Fleet {
  readonly kafka: KafkaServer;
  readonly clickhouse: ClickhouseServer;
  /** A folder for spools and files; removed by `stop`. */
  readonly folder: string;
  readonly services = new Map<string, Service>();
  readonly #partitions: number;

  private constructor(kafka: KafkaServer, clickhouse: ClickhouseServer, partitions: number) {
    this.#partitions = partitions;
    this.kafka = kafka;
    this.clickhouse = clickhouse;
    this.folder = mkdtempSync(join(tmpdir(), 'sqltrail-fleet-'));
  }

  /** Topics are applied and the tables made, by the commands that people use. */
  static async start(partitions: number, groupings: readonly string[] = []): Promise<Fleet> {
    const kafka = await KafkaServer.start();
    const fleet = new Fleet(kafka, await startClickhouse(), partitions);
    await fleet.run('topics', 'apply', ...groupings.flatMap((stages) => ['--stages', stages]));
    await fleet.run('migrate');
    return fleet;
  }

  get environment(): Record<string, string> {
    return {
      KAFKA_BROKERS: this.kafka.brokers.join(','),
      CLICKHOUSE_URL: this.clickhouse.url,
      CLICKHOUSE_USER: this.clickhouse.user,
      CLICKHOUSE_PASSWORD: this.clickhouse.password,
      SQLTRAIL_HTTP__PORT: '0',
      SQLTRAIL_TOPICS__PARTITIONS: String(this.#partitions),
      SQLTRAIL_TOPICS__REPLICATION_FACTOR: '1',
    };
  }

  /** Runs a command to its end. @throws Error with its words when it fails. */
  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runCli(args, { environment: this.environment });
    if (code !== 0) throw new Error(`sqltrail ${args.join(' ')} ended with ${code}:\n${stderr}`);
    return stdout;
  }

  /** Starts a service that is brought back whenever it is killed or fails. */
  serve(name: string, ...args: readonly string[]): Service {
    const service = new Service({ name, args, environment: this.environment });
    this.services.set(name, service);
    return service;
  }

  /** Polls until the query's one number has reached a value, or the services made no progress for long. */
  async until(sql: string, wanted: number, stallLimitMs = 90_000): Promise<void> {
    let last = -1;
    let since = Date.now();
    for (;;) {
      const value = await this.number(sql).catch(() => last);
      if (value >= wanted) return;
      if (value !== last) {
        last = value;
        since = Date.now();
      } else if (Date.now() - since > stallLimitMs) {
        throw new Error(`stuck at ${last} of ${wanted}: ${sql}\n${this.#words()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** The one number a query gives. */
  async number(sql: string): Promise<number> {
    const [row] = await this.clickhouse.rows(sql);
    return Number(Object.values(row ?? {})[0]);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.stop()));
    await this.clickhouse.stop();
    await this.kafka.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #words(): string {
    return [...this.services.values()]
      .map(
        ({ name, starts, isRunning, stderr }) =>
          `${name} (started ${starts} times, ${isRunning ? 'runs' : 'ended'}): ${stderr.slice(-2_000)}`,
      )
      .join('\n');
  }
}
