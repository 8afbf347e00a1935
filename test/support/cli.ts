import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The built command line. */
export const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** One row or event with the public field names. */
export type Row = Readonly<Record<string, unknown>>;

/** How a run of the command line ended. */
export interface Outcome {
  /** Exit status; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `sqltrail` whose output is kept. */
export interface RunningCli {
  readonly process: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** Resolves once standard error holds the text; rejects with all output when the program ends before. */
  said(text: string): Promise<void>;
}

/** @param options.environment Added to this process's own. @param options.wrapper A program with its arguments that starts the command line, such as `setpriv …`. */
export function startCli(
  args: readonly string[],
  options: {
    stdin?: 'ignore' | 'pipe';
    wrapper?: readonly string[];
    environment?: Readonly<Record<string, string>>;
  } = {},
): RunningCli {
  if (!existsSync(CLI)) throw new Error('dist/cli/main.js is missing. Build first: npm run build');
  const [program, ...rest] = [...(options.wrapper ?? []), process.execPath, CLI, ...args];
  const child = spawn(program!, rest, {
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let stdout = '';
  let stderr = '';
  const heard = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    for (const listener of heard) listener();
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const listener = () => {
        if (stderr.includes(text)) resolve();
      };
      heard.add(listener);
      listener();
      void outcome.then(
        ({ code }) => reject(new Error(`ended with ${code} before it said "${text}":\n${stderr}`)),
        reject,
      );
    });
  return { process: child, outcome, said };
}

/** Runs the built command line to its end. */
export function runCli(args: readonly string[], options?: Parameters<typeof startCli>[1]): Promise<Outcome> {
  return startCli(args, options).outcome;
}

/** Rows of `query --sql` on a store. @throws Error with the program's words when it does not end with 0. */
export function queryRows(store: string, sql: string): Row[] {
  const output = execFileSync(process.execPath, [CLI, 'query', '--sql', sql, '--store', store, '--format', 'ndjson'], {
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
  });
  return parseLines(output);
}

/** Newline-delimited JSON. */
export function parseLines(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}
