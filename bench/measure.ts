import { spawn } from 'node:child_process';

export interface Measured {
  /** Wall-clock seconds of the whole process, start-up included. */
  readonly seconds: number;
  /** Null for programs that are not Node. */
  readonly cpuSeconds: number | null;
  readonly peakMiB: number | null;
}

/** Runs a program to its end. @throws Error with its stderr when it fails. */
export async function measure(command: string, args: readonly string[]): Promise<Measured> {
  const started = process.hrtime.bigint();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const stderr: Buffer[] = [];
  const usage: Buffer[] = [];
  child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdio[3]!.on('data', (chunk: Buffer) => usage.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${Buffer.concat(stderr)}`);
  const text = Buffer.concat(usage).toString();
  return text === '' ? { seconds, cpuSeconds: null, peakMiB: null } : { seconds, ...JSON.parse(text) };
}

/** The run with the median wall-clock time; other processes on the machine make single runs worthless. */
export async function medianOf(runs: number, once: () => Promise<Measured>): Promise<Measured> {
  const all: Measured[] = [];
  for (let i = 0; i < runs; i++) all.push(await once());
  return all.sort((a, b) => a.seconds - b.seconds)[Math.floor(runs / 2)]!;
}
