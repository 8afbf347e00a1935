import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Measured, measure, medianOf } from './measure.ts';
import { benchServices } from './services.ts';

/**
 * `npm run bench [-- --save] [--services]`: makes the capture once, runs every measurement three times, prints the medians as a
 * table and with --save keeps it as bench/results/DATE.md. With --services it measures these instead, once each, and keeps
 * them as DATE-services.md. What is measured and how: bench/README.md.
 */
const CAPTURE = 'bench/data/point-select-400k.pcap';
const SMALL_CAPTURE = 'bench/data/point-select-100k.pcap';
/** As many statements over few and over very many connections. */
const FEW = { file: 'bench/data/connections-100.pcap', connections: 100 };
const MANY = { file: 'bench/data/connections-10000.pcap', connections: 10_000 };
const RUNS = 3;
const TSX = ['--import', 'tsx'];
const CLI = ['--import', './bench/usage.mjs', 'dist/cli/main.js', 'run'];

const lines: string[] = [];

let floor: Measured | null = null;
let tshark: Measured | null = null;

await makeCaptures();
const isServices = process.argv.includes('--services');
if (isServices) benchServices(FEW.file, 400_000, (line) => row(...line));
else await benchRun();
const { model } = cpus()[0]!;
const head = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}${isServices ? '' : `; median of ${RUNS}`}`;
const report = `# ${head}\n\n| what | speed | |\n|---|---|---|\n${lines.join('\n')}\n`;
process.stdout.write(report);
if (process.argv.includes('--save')) {
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(`bench/results/${new Date().toISOString().slice(0, 10)}${isServices ? '-services' : ''}.md`, report);
}

/** The whole product in one process, and its parts. */
async function benchRun(): Promise<void> {
  floor = await peer('tcpdump', ['-r', CAPTURE, '-w', '/dev/null']);
  tshark = await peer('tshark', ['-n', '-r', CAPTURE, '-w', '/dev/null', '-Y', 'mysql'], 1);
  const edge = await partOf('edge', [CAPTURE]);
  row('source, TCP and framing', `${million(edge['packets']! / edge['seconds']!)} packets/s`, ratios(edge['seconds']!));
  const events = await medianOf(RUNS, () =>
    measure(process.execPath, [...CLI, '--read', CAPTURE, '--store', 'none', '--format', 'none']),
  );
  row(
    'packets to masked events',
    `${thousand(400_000 / events.seconds)} statements/s`,
    usage(events),
    ratios(events.seconds),
  );
  const quarter = await medianOf(RUNS, () =>
    measure(process.execPath, [...CLI, '--read', SMALL_CAPTURE, '--store', 'none', '--format', 'none']),
  );
  row(
    'the same, a file of a quarter of the length',
    `${thousand(100_000 / quarter.seconds)} statements/s`,
    usage(quarter),
  );
  const stored = await medianOf(RUNS, runIntoStore);
  row(
    'packets to rows in embedded ClickHouse',
    `${thousand(400_000 / stored.seconds)} statements/s`,
    usage(stored),
    ratios(stored.seconds),
  );
  const masking = await partOf('masking', []);
  for (const [name, value] of Object.entries(masking)) row(`masking, ${name}`, `${Math.round(value)} MB/s on one core`);

  const few = await partOf('connections', [FEW.file, String(FEW.connections)]);
  const many = await partOf('connections', [MANY.file, String(MANY.connections)]);
  row(
    '10,000 connections against 100, logins aside',
    `${(many['microsecondsEach']! / few['microsecondsEach']!).toFixed(2)} × the time of a statement`,
    `${many['microsecondsEach']!.toFixed(2)} and ${few['microsecondsEach']!.toFixed(2)} µs of CPU`,
  );
  const memory = await partOf('cold-memory', []);
  row(
    'of that, memory alone: 18 cache lines of each connection, scattered',
    `${memory['moreMicroseconds']!.toFixed(2)} µs of CPU a statement`,
  );
  const idle = await partOf('idle', [], ['--expose-gc']);
  row('100,000 idle connections', `${idle['edgeBytes']} bytes each in the edge`, `${idle['decodeBytes']} in decode`);
}

async function makeCaptures(): Promise<void> {
  mkdirSync('bench/data', { recursive: true });
  for (const [file, statements, connections] of [
    [CAPTURE, '400000', '16'],
    [SMALL_CAPTURE, '100000', '16'],
    [FEW.file, '400000', String(FEW.connections)],
    [MANY.file, '400000', String(MANY.connections)],
  ] as const) {
    const size = ['--statements', statements, '--connections', connections];
    if (!existsSync(file)) await measure(process.execPath, [...TSX, 'bench/make-capture.ts', file, ...size]);
  }
}

/** Another program on the same file, in the same run; null where it is not installed. */
async function peer(command: string, args: readonly string[], runs = RUNS): Promise<Measured | null> {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
  } catch {
    process.stderr.write(`${command} is not installed: no ratio to it\n`);
    return null;
  }
  const measured = await medianOf(runs, () => measure(command, args));
  row(`${command} ${args.join(' ')}`, `${measured.seconds.toFixed(2)} s`);
  return measured;
}

/** A part measured inside its own process, which prints one JSON object of numbers; the median by its first number. */
async function partOf(
  name: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Record<string, number>> {
  const all: Record<string, number>[] = [];
  for (let i = 0; i < RUNS; i++) {
    const stdout = execFileSync(process.execPath, [...flags, ...TSX, `bench/parts/${name}.ts`, ...args, '--json'], {
      encoding: 'utf8',
    });
    all.push(JSON.parse(stdout));
  }
  return all.sort((a, b) => Object.values(a)[0]! - Object.values(b)[0]!)[Math.floor(RUNS / 2)]!;
}

async function runIntoStore(): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'sqltrail-bench-'));
  try {
    return await measure(process.execPath, [...CLI, '--read', CAPTURE, '--store', directory, '--format', 'none']);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function ratios(seconds: number): string {
  const of = (name: string, other: Measured | null) =>
    other === null ? [] : [`${(seconds / other.seconds).toFixed(2)} × ${name}`];
  return [...of('tcpdump', floor), ...of('tshark', tshark)].join(', ');
}

function usage(measured: Measured): string {
  return `${measured.seconds.toFixed(2)} s, ${measured.cpuSeconds?.toFixed(2)} s of CPU, ${Math.round(measured.peakMiB ?? 0)} MiB at most`;
}

function row(what: string, speed: string, ...more: string[]): void {
  const line = `| ${what} | ${speed} | ${more.filter((text) => text !== '').join('; ')} |`;
  lines.push(line);
  process.stderr.write(`${line}\n`);
}

function million(value: number): string {
  return `${(value / 1e6).toFixed(2)} M`;
}

function thousand(value: number): string {
  return `${Math.round(value / 1000)} k`;
}
