import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli, startCli } from '../../test/support/cli.ts';
import { brokersForTest } from '../../test/support/kafka.ts';
import { MariaDb } from '../../test/support/mariadb.ts';
import { prepareSysbench, runSysbench } from '../../test/support/sysbench.ts';

/**
 * The edge beside a MariaDB under steady loads of point selects on loopback, into a real Kafka: CPU of the edge and of its
 * capture for each statement, and idle for 10 s. Each packet crosses loopback once in the capture. One edge takes all loads, after
 * a first one that is not counted: a service runs for months, its code is compiled once. Prints a JSON array.
 *
 *   node --import tsx bench/parts/edge-live.ts STATEMENTS_A_SECOND...      0: as many as the server gives
 */
const RATES = process.argv.slice(2).map(Number);
const SECONDS = 15;
const WARM_UP = { perSecond: 4_000, seconds: 30 };
/** Where no rate is set. */
const EVENTS_AT_FULL_SPEED = 300_000;
const IDLE_SECONDS = 10;
/** Until what the kernel holds and what lingers has gone on. */
const AFTERWARDS_MS = 1_500;
const TICKS_PER_SECOND = 100;

const kafka = await brokersForTest();
const server = await MariaDb.start();
const folder = mkdtempSync(join(tmpdir(), 'sqltrail-bench-'));
try {
  await prepareSysbench(server);
  const config = join(folder, 'config.yml');
  const topics = { partitions: 12, replication_factor: 1 };
  writeFileSync(config, JSON.stringify({ kafka: { brokers: kafka.brokers }, topics, http: { port: 0 } }));
  for (let i = 0; i < 3; i++) if ((await runCli(['topics', 'apply', '--config', config])).code === 0) break;
  const edge = startCli(['edge', '-i', 'lo', '--port', String(server.port), '--config', config]);
  await edge.said('capturing on lo');
  await sleep(2_000);
  const pid = edge.process.pid!;
  const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
  const beforeIdle = cpuSeconds(pid);
  await sleep(IDLE_SECONDS * 1_000);
  const idleCores = (cpuSeconds(pid) - beforeIdle) / IDLE_SECONDS;
  await load(WARM_UP.perSecond, WARM_UP.perSecond * WARM_UP.seconds);
  const results: object[] = [];
  for (const rate of RATES) {
    const events = rate === 0 ? EVENTS_AT_FULL_SPEED : rate * SECONDS;
    const before = { edge: cpuSeconds(pid), capture: cpuSeconds(child) };
    const started = performance.now();
    const isReached = await load(rate, events);
    const seconds = (performance.now() - started) / 1_000;
    const each = (now: number, then: number) => Number((((now - then) * 1e6) / events).toFixed(1));
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
    results.push({
      wanted: rate,
      isReached,
      statementsPerSecond: Math.round(events / (seconds - AFTERWARDS_MS / 1_000)),
      edgeMicrosecondsEach: each(cpuSeconds(pid), before.edge),
      captureMicrosecondsEach: each(cpuSeconds(child), before.capture),
      idleCores: Number(idleCores.toFixed(3)),
      peakMiB: Math.round(peak),
    });
  }
  edge.process.kill('SIGTERM');
  await edge.outcome;
  process.stdout.write(`${JSON.stringify(results)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
  await kafka.stop();
}

/** @returns false where the server is too slow for the rate. */
async function load(perSecond: number, events: number): Promise<boolean> {
  const workload = { script: 'oltp_point_select', preparedStatements: 'disable', threads: 8 } as const;
  try {
    await runSysbench(server, { ...workload, events, eventsPerSecond: perSecond });
    return true;
  } catch {
    return false;
  } finally {
    await sleep(AFTERWARDS_MS);
  }
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
