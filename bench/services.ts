import { execFileSync } from 'node:child_process';

/** A line of the table: what, how fast, what else. */
export type Line = readonly [what: string, speed: string, ...more: string[]];

/** Statements a second; 0: as many as the server gives. */
const LIVE_RATES = [1_000, 4_000, 12_000, 0];

interface Processed {
  readonly statementsPerSecond: number;
  readonly cpuMicrosecondsEach: number;
  readonly peakMiB: number;
}

interface Live {
  readonly wanted: number;
  /** False where the server was too slow. */
  readonly isReached: boolean;
  readonly statementsPerSecond: number;
  readonly edgeMicrosecondsEach: number;
  readonly captureMicrosecondsEach: number;
  readonly idleCores: number;
  readonly peakMiB: number;
}

interface Codec {
  readonly writeUs: number;
  readonly readUs: number;
  readonly bytes: number;
}

interface Transport {
  readonly client: string;
  readonly what: string;
  readonly recordKiB: number;
  readonly mbPerSecond: number;
  readonly cpuUsPerMb: number;
}

/**
 * The services, each part in a process of its own with real servers, one after another; each tells its lines when it is done.
 * A part that fails is a line that says so.
 */
export function benchServices(file: string, statements: number, tell: (line: Line) => void): void {
  const size = [file, String(statements)];
  attempt('edge, a file into Kafka', tell, () => {
    const edge = part<Processed>('edge-kafka', ...size);
    tell(['edge, a file into Kafka', rate(edge), costs(edge)]);
  });
  attempt('edge beside MariaDB', tell, () => {
    for (const live of part<readonly Live[]>('edge-live', ...LIVE_RATES.map(String))) {
      const what = `edge beside MariaDB, ${live.wanted === 0 ? `full speed: ${live.statementsPerSecond}` : live.wanted} statements/s`;
      const [edge, capture] = [live.edgeMicrosecondsEach, live.captureMicrosecondsEach];
      const parts = `${edge} µs edge and Kafka, ${capture} µs tcpdump`;
      if (!live.isReached) tell([what, 'not reached by the server']);
      else tell([what, `${(edge + capture).toFixed(1)} µs of CPU a statement`, parts, `idle ${live.idleCores} cores`]);
    }
  });
  attempt('processors', tell, () => {
    const all = part<Record<string, Processed>>('process', ...size);
    for (const [name, each] of Object.entries(all)) tell([`processors, ${name}`, rate(each), costs(each)]);
  });
  attempt('lines', tell, () => {
    const all = part<Record<string, Codec>>('records');
    for (const [name, { writeUs, readUs, bytes }] of Object.entries(all))
      tell([
        `lines, ${name}`,
        `${(writeUs + readUs).toFixed(1)} µs of CPU`,
        `${writeUs} written, ${readUs} read`,
        `${bytes} bytes`,
      ]);
  });
  attempt('bus', tell, () => {
    for (const each of part<readonly Transport[]>('bus', '--json'))
      tell([
        `${each.client}, ${each.what} records of ${each.recordKiB} KiB`,
        `${each.mbPerSecond} MB/s`,
        `${each.cpuUsPerMb} µs of CPU a MB`,
      ]);
  });
}

function attempt(what: string, tell: (line: Line) => void, work: () => void): void {
  try {
    work();
  } catch {
    tell([what, 'failed']);
  }
}

function part<T>(name: string, ...args: readonly string[]): T {
  const stdout = execFileSync(process.execPath, ['--import', 'tsx', `bench/parts/${name}.ts`, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(stdout) as T;
}

function rate({ statementsPerSecond }: Processed): string {
  return `${Math.round(statementsPerSecond / 1000)} k statements/s`;
}

function costs({ cpuMicrosecondsEach, peakMiB }: Processed): string {
  return `${cpuMicrosecondsEach} µs of CPU a statement; ${peakMiB} MiB at most`;
}
