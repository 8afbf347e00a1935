import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli, startCli } from '../../test/support/cli.ts';
import { brokersForTest } from '../../test/support/kafka.ts';
import { MariaDb } from '../../test/support/mariadb.ts';
import { prepareSysbench, runSysbench } from '../../test/support/sysbench.ts';

/**
 * The edge beside a MariaDB under a steady load of point selects on loopback, into a real Kafka: CPU of the edge and of its
 * capture for each statement, and idle for 10 s. Each packet crosses loopback once in the capture. Prints one JSON object.
 *
 *   node --import tsx bench/parts/edge-live.ts [STATEMENTS_A_SECOND] [LINGER_MS]
 */
const [PER_SECOND = 5_000, LINGER_MS = 50] = process.argv.slice(2).map(Number);
const SECONDS = 15;
const IDLE_SECONDS = 10;
const TICKS_PER_SECOND = 100;

const kafka = await brokersForTest();
const server = await MariaDb.start();
const folder = mkdtempSync(join(tmpdir(), 'sqltrail-bench-'));
try {
  await prepareSysbench(server);
  const config = join(folder, 'config.yml');
  const topics = { partitions: 12, replication_factor: 1 };
  writeFileSync(
    config,
    JSON.stringify({ kafka: { brokers: kafka.brokers }, topics, http: { port: 0 }, edge: { linger_ms: LINGER_MS } }),
  );
  for (let i = 0; i < 3; i++) if ((await runCli(['topics', 'apply', '--config', config])).code === 0) break;
  const edge = startCli(['edge', '-i', 'lo', '--port', String(server.port), '--config', config]);
  await edge.said('capturing on lo');
  await sleep(2_000);
  const pid = edge.process.pid!;
  const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
  const beforeIdle = cpuSeconds(pid);
  await sleep(IDLE_SECONDS * 1_000);
  const idleCores = (cpuSeconds(pid) - beforeIdle) / IDLE_SECONDS;
  const events = PER_SECOND * SECONDS;
  const before = { edge: cpuSeconds(pid), capture: cpuSeconds(child) };
  await runSysbench(server, {
    script: 'oltp_point_select',
    preparedStatements: 'disable',
    events,
    threads: 8,
    eventsPerSecond: PER_SECOND,
  });
  await sleep(1_500);
  const edgeMicroseconds = ((cpuSeconds(pid) - before.edge) * 1e6) / events;
  const captureMicroseconds = ((cpuSeconds(child) - before.capture) * 1e6) / events;
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  edge.process.kill('SIGTERM');
  await edge.outcome;
  const result = {
    statementsPerSecond: PER_SECOND,
    lingerMs: LINGER_MS,
    edgeMicrosecondsEach: Number(edgeMicroseconds.toFixed(1)),
    captureMicrosecondsEach: Number(captureMicroseconds.toFixed(1)),
    idleCores: Number(idleCores.toFixed(3)),
    peakMiB: Math.round(peak),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
  await kafka.stop();
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
