import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import { Decode } from '../../../processors/decode/decode.ts';
import type { AuditRow } from '../../../schemas/audit-schema.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { type RunningCli, runCli, startCli } from '../../support/cli.ts';
import { decodeAll, rows } from '../../support/conversation.ts';
import { KafkaServer } from '../../support/kafka.ts';
import type { KafkaSecurity } from '../../support/kafka-security.ts';

/** A line of the ledger as consumers read it. */
export interface CountLine {
  readonly kind: string;
  readonly origin: string;
  readonly ordinal: number;
  readonly minute_ms: number;
  readonly unit: string;
  readonly taken_in: number;
  readonly passed_on: number;
  readonly open: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly version: number;
}

const LIMIT_MS = 60_000;

/** A broker with the topics, and edges that ship to it. */
export class EdgeRig {
  readonly kafka: KafkaServer;
  readonly folder: string;
  readonly spool: string;

  private constructor(kafka: KafkaServer) {
    this.kafka = kafka;
    this.folder = mkdtempSync(join(tmpdir(), 'sqltrail-edge-'));
    this.spool = join(this.folder, 'spool');
  }

  static async start({
    hasTopics = true,
    security,
  }: {
    hasTopics?: boolean;
    security?: KafkaSecurity;
  } = {}): Promise<EdgeRig> {
    const rig = new EdgeRig(await KafkaServer.start(security === undefined ? {} : { security }));
    if (!hasTopics) return rig;
    const config = rig.config('topics', {});
    // A broker that has just come up forgets for a moment what it made.
    await until('the topics are there', async () => (await runCli(['topics', 'apply', '--config', config])).code === 0);
    return rig;
  }

  /** A configuration file for an edge; `edge` and `kafka` as in the file. */
  config(name: string, edge: Readonly<Record<string, unknown>>, kafka: Readonly<Record<string, unknown>> = {}): string {
    const path = join(this.folder, `${name}.yml`);
    const settings = {
      kafka: { brokers: this.kafka.brokers, ...kafka },
      topics: { partitions: 12, replication_factor: 1 },
      http: { port: 0 },
      edge: { id: name, ...edge },
      shutdown_deadline_s: 15,
    };
    // JSON is YAML.
    writeFileSync(path, JSON.stringify(settings));
    return path;
  }

  edge(config: string, ...args: string[]): RunningCli {
    return startCli(['edge', '--config', config, ...args], { stdin: 'pipe' });
  }

  /** Bytes of the segments in a spool directory. */
  spooledBytes(directory = this.spool): number {
    try {
      return readdirSync(directory)
        .filter((name) => name.endsWith('.segment'))
        .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
    } catch {
      return 0;
    }
  }

  /** What decode makes of the messages topic, repeats and all. */
  async events(): Promise<AuditRow[]> {
    const values = await this.read(TOPIC.messages);
    return values.flatMap((partition) => rows(decodeAll(partition, new Decode({ keepsRaw: true }))));
  }

  /** The ledger of an edge: of each entry the line with the greatest version. */
  async ledger(edgeId: string): Promise<CountLine[]> {
    const newest = new Map<string, CountLine>();
    for (const value of (await this.read(TOPIC.ledger)).flat()) {
      for (const text of value.toString().trim().split('\n')) {
        const line = JSON.parse(text) as CountLine;
        if (!line.origin.startsWith(`${edgeId}/`)) continue;
        const key = `${line.origin} ${line.ordinal}`;
        if ((newest.get(key)?.version ?? -1) < line.version) newest.set(key, line);
      }
    }
    return [...newest.values()];
  }

  async stop(): Promise<void> {
    await this.kafka.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async read(topic: string): Promise<Buffer[][]> {
    const bus = new KafkaBus({ kafka: { brokers: this.kafka.brokers, clientId: 'sqltrail-test' } });
    try {
      const partitions: Buffer[][] = [];
      for (let partition = 0; partition < (await bus.partitions(topic)); partition++) {
        const values: Buffer[] = [];
        for await (const records of bus.read(topic, partition))
          for (const { value } of records) if (value !== null) values.push(value);
        partitions.push(values);
      }
      return partitions;
    } finally {
      await bus.close();
    }
  }
}

/** Sums of one unit over all entries; the reasons of losses with it. */
export function totalsOf(lines: readonly CountLine[], unit: string) {
  const totals = { takenIn: 0, passedOn: 0, open: 0, lost: {} as Record<string, number> };
  for (const line of lines.filter((each) => each.unit === unit)) {
    totals.takenIn += line.taken_in;
    totals.passedOn += line.passed_on;
    totals.open += line.open;
    for (const [reason, amount] of Object.entries(line.lost)) totals.lost[reason] = (totals.lost[reason] ?? 0) + amount;
  }
  return totals;
}

export function isBalanced(line: CountLine): boolean {
  const lost = Object.values(line.lost).reduce((sum, amount) => sum + amount, 0);
  return line.taken_in === line.passed_on + line.open + lost;
}

/** @throws Error when it does not come true within a minute. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < LIMIT_MS; waitedMs += 100) {
    if (await isTrue()) return;
    await sleep(100);
  }
  throw new Error(`it never came true: ${what}`);
}

/** A disk of its own, of so many bytes. @returns Unmounts it. */
export function smallDisk(directory: string, bytes: number): () => void {
  execFileSync('mkdir', ['-p', directory]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory]);
  return () => {
    execFileSync('umount', ['-l', directory]);
  };
}
