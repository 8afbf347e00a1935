import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CLI } from './cli.ts';

/** What a service is started with; the same again each time it is brought back. */
export interface ServiceSpec {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * One `sqltrail` service as a supervisor such as systemd runs it: whenever it ends with a failure, or is killed, it is
 * started again. What it said on standard error is kept.
 */
export class Service {
  readonly name: string;
  readonly #spec: ServiceSpec;
  #child: ChildProcess | null = null;
  #isWanted = true;
  #ended: Promise<void> = Promise.resolve();
  /** The last of what it said, over all its lives. */
  stderr = '';
  /** How often it was started. */
  starts = 0;
  /** Exit status of its last end; null while it runs or where a signal ended it. */
  exitCode: number | null = null;

  constructor(spec: ServiceSpec) {
    this.name = spec.name;
    this.#spec = spec;
    this.#start();
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** SIGKILL: no chance to finish anything. It comes back at once. @returns false when it was not running. */
  kill(): boolean {
    return this.#child?.kill('SIGKILL') ?? false;
  }

  /** SIGTERM, and it stays away. Resolves when it has ended. @returns Its exit status. */
  async stop(): Promise<number | null> {
    this.#isWanted = false;
    this.#child?.kill('SIGTERM');
    await this.#ended;
    return this.exitCode;
  }

  /** Resolves when it has ended with status 0 by itself, whatever it took. */
  async done(): Promise<void> {
    while (this.#child !== null || this.exitCode !== 0) {
      await this.#ended;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #start(): void {
    const child = spawn(process.execPath, [CLI, ...this.#spec.args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...this.#spec.environment },
    });
    this.#child = child;
    this.exitCode = null;
    this.starts++;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-200_000);
    });
    this.#ended = once(child, 'exit').then(([code]: unknown[]) => {
      this.#child = null;
      this.exitCode = typeof code === 'number' ? code : null;
      if (this.#isWanted && code !== 0) this.#start();
    });
  }
}
