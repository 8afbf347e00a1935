import { fork } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** So many cases may not take longer than `HANG_MS`. */
const BEAT_CASES = 256;
const HANG_MS = 60_000;
const REPORT_MS = 30_000;

/** A fuzz run: `step` runs one case and returns what counts of it. */
export interface Fuzzed {
  step(number: number): number;
  describe(): string;
}

/**
 * Runs cases until `runs` of what counts are reached, in a process that this one watches: one that hangs is ended with exit code 1
 * and the case's number. Memory after full collections is printed as it goes; at the end it must not have grown.
 *
 * @param script File name of the calling script, which runs again as the watched process.
 */
export async function longRun(script: string, runs: number, fuzzed: () => Fuzzed): Promise<void> {
  if (process.send === undefined) watch(script);
  else {
    await work(runs, fuzzed());
    process.disconnect();
  }
}

function watch(script: string): void {
  const child = fork(script, process.argv.slice(2));
  let last = 0;
  const hang = () => {
    process.stderr.write(`one of the ${BEAT_CASES} cases from ${last} on hangs\n`);
    child.kill('SIGKILL');
    process.exitCode = 1;
  };
  let timer = setTimeout(hang, HANG_MS);
  child.on('message', (number) => {
    last = Number(number);
    clearTimeout(timer);
    timer = setTimeout(hang, HANG_MS);
  });
  child.on('exit', (code) => {
    clearTimeout(timer);
    process.exitCode = process.exitCode || (code ?? 1);
  });
}

async function work(runs: number, fuzzed: Fuzzed): Promise<void> {
  const started = Date.now();
  const memory: number[] = [];
  let reportAt = started;
  let slowestMs = 0;
  let slowest = 0;
  let done = 0;
  for (let number = 0; done < runs; number++) {
    if (number % BEAT_CASES === 0) {
      process.send!(number);
      await setImmediate();
      if (Date.now() >= reportAt) {
        memory.push(memoryMiB());
        process.stdout.write(`${new Date().toISOString()} ${fuzzed.describe()}, memory ${memory.at(-1)} MiB\n`);
        reportAt = Date.now() + REPORT_MS;
      }
    }
    const before = performance.now();
    done += fuzzed.step(number);
    const tookMs = performance.now() - before;
    if (tookMs > slowestMs) {
      slowestMs = tookMs;
      slowest = number;
    }
  }
  memory.push(memoryMiB());
  const seconds = (Date.now() - started) / 1000;
  process.stdout.write(
    `done: ${fuzzed.describe()} in ${Math.round(seconds)} s, ${Math.round(done / seconds)} a second; `,
  );
  process.stdout.write(`slowest case ${slowest}: ${Math.round(slowestMs)} ms; memory ${memory.join(' ')} MiB\n`);
  if (hasGrown(memory)) throw new Error('memory has grown');
}

/** Heap and buffers after a full collection. */
function memoryMiB(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / 2 ** 20);
}

/** Caches fill in the first third; after it the level may not rise by more than a tenth and 8 MiB. */
function hasGrown(memory: readonly number[]): boolean {
  const early = memory.slice(1, Math.max(2, Math.ceil(memory.length / 3)));
  return memory.length > 6 && memory.at(-1)! > Math.max(...early) * 1.1 + 8;
}
