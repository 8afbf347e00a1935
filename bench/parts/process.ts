import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningCli, runCli, startCli } from '../../test/support/cli.ts';
import { startClickhouse } from '../../test/support/clickhouse.ts';
import { freePort } from '../../test/support/free-port.ts';
import { KafkaServer } from '../../test/support/kafka.ts';

/**
 * Kafka → stages → ClickHouse, as users run it: a file's messages lie in Kafka already (12 partitions), then processors start.
 * Statements a second from the moment they run to the last one sent on or in ClickHouse, and CPU of their processes for each,
 * start aside. Everything shares the machine: a broker, and the embedded engine behind HTTP unless CLICKHOUSE_URL names a
 * server. Prints one JSON object.
 *
 *   node --import tsx bench/parts/process.ts FILE STATEMENTS
 */
const POLL_MS = 100;
const PARTITIONS = 12;
const TICKS_PER_SECOND = 100;
const [file, count] = process.argv.slice(2);
if (file === undefined || count === undefined) throw new Error('usage: process.ts FILE STATEMENTS');
const statements = Number(count);

interface Measured {
  readonly statementsPerSecond: number;
  /** Of all processors together. */
  readonly cpuMicrosecondsEach: number;
  readonly peakMiB: number;
}

interface Rig {
  readonly environment: Record<string, string>;
  rows(): Promise<number>;
}

const fused = ['decode,mask,store'];
const result = {
  fused: await withRig((rig) => measured(rig, fused, rig.rows)),
  fusedTwo: await withRig((rig) => measured(rig, [...fused, ...fused], rig.rows)),
  ...(await withRig(async (rig) => {
    const decode = await measured(rig, ['decode,identify,mask,detect'], null);
    return { decodeToAudit: decode, auditToStore: await measured(rig, ['store'], rig.rows) };
  })),
};
process.stdout.write(`${JSON.stringify(result)}\n`);

/** A broker with the file's messages in it, and an empty store. */
async function withRig<T>(work: (rig: Rig) => Promise<T>): Promise<T> {
  const kafka = await KafkaServer.start();
  const clickhouse = await startClickhouse();
  try {
    const environment = {
      KAFKA_BROKERS: kafka.brokers.join(','),
      CLICKHOUSE_URL: clickhouse.url,
      CLICKHOUSE_USER: clickhouse.user,
      CLICKHOUSE_PASSWORD: clickhouse.password,
      SQLTRAIL_TOPICS__PARTITIONS: String(PARTITIONS),
      SQLTRAIL_TOPICS__REPLICATION_FACTOR: '1',
    };
    for (const args of [['topics', 'apply'], ['migrate'], ['edge', '--read', file!]]) {
      const { code, stderr } = await runCli(args, { environment });
      if (code !== 0) throw new Error(stderr);
    }
    const rows = async () => {
      const [row] = await clickhouse.rows('SELECT count() AS n FROM audit_events');
      return Number(row?.['n']);
    };
    return await work({ environment, rows });
  } finally {
    await clickhouse.stop();
    await kafka.stop();
  }
}

/** @param done Statements that are through; null: those that the processors say they have sent on. */
async function measured(
  rig: Rig,
  groupings: readonly string[],
  done: (() => Promise<number>) | null,
): Promise<Measured> {
  const ports = await Promise.all(groupings.map(() => freePort('127.0.0.1')));
  const processors = groupings.map((stages, i) =>
    startCli(['process', '--stages', stages], {
      environment: { ...rig.environment, SQLTRAIL_HTTP__PORT: String(ports[i]) },
    }),
  );
  try {
    await Promise.all(processors.map((each) => each.said('The stages are running.')));
    const before = cpuSeconds(processors);
    const started = performance.now();
    const through = done ?? (async () => sum(await Promise.all(ports.map(eventsSent))));
    while ((await through()) < statements) await sleep(POLL_MS);
    const seconds = (performance.now() - started) / 1000;
    return {
      statementsPerSecond: Math.round(statements / seconds),
      cpuMicrosecondsEach: Number((((cpuSeconds(processors) - before) * 1e6) / statements).toFixed(2)),
      peakMiB: Math.max(...processors.map(peakMiB)),
    };
  } finally {
    for (const each of processors) each.process.kill('SIGTERM');
    await Promise.all(processors.map((each) => each.outcome));
  }
}

async function eventsSent(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^sqltrail_process_events_sent_total\{[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
}

function cpuSeconds(processors: readonly RunningCli[]): number {
  const ticks = processors.map(({ process: { pid } }) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return sum(ticks) / TICKS_PER_SECOND;
}

function peakMiB({ process: { pid } }: RunningCli): number {
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
