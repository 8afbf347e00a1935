import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../test/support/cli.ts';
import { brokersForTest } from '../../test/support/kafka.ts';
import { type Measured, measure } from '../measure.ts';

/**
 * The edge as users run it, from a file into a real Kafka (that of KAFKA_BROKERS, else one of its own) with 12 partitions:
 * statements a second and CPU of the edge's process for each of them, its start included. Prints one JSON object, the median of
 * three by time.
 *
 *   node --import tsx bench/parts/edge-kafka.ts FILE STATEMENTS
 */
const RUNS = 3;
const [file, statements] = process.argv.slice(2);
if (file === undefined || statements === undefined) throw new Error('usage: edge-kafka.ts FILE STATEMENTS');

const kafka = await brokersForTest();
const folder = mkdtempSync(join(tmpdir(), 'sqltrail-bench-'));
try {
  const config = join(folder, 'config.yml');
  const topics = { partitions: 12, replication_factor: 1 };
  writeFileSync(config, JSON.stringify({ kafka: { brokers: kafka.brokers }, topics }));
  for (let i = 0; i < RUNS; i++) if ((await runCli(['topics', 'apply', '--config', config])).code === 0) break;
  const args = ['--import', './bench/usage.mjs', 'dist/cli/main.js', 'edge', '--read', file, '--config', config];
  const all: Measured[] = [];
  for (let i = 0; i < RUNS; i++) all.push(await measure(process.execPath, args));
  const median = all.sort((a, b) => a.seconds - b.seconds)[Math.floor(RUNS / 2)]!;
  const result = {
    statementsPerSecond: Math.round(Number(statements) / median.seconds),
    cpuMicrosecondsEach: Number(((median.cpuSeconds! * 1e6) / Number(statements)).toFixed(2)),
    seconds: median.seconds,
    peakMiB: Math.round(median.peakMiB!),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
  await kafka.stop();
}
