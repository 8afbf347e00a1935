import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A running engine behind HTTP. */
export interface Engine {
  readonly port: number;
  /** As `kill -9`, or in order; done when the process has ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** Starts the engine on a directory, in a process of its own. @param login `name=password`; empty: everyone may ask. */
export async function startEngine(directory: string, login: string, grants: readonly string[]): Promise<Engine> {
  const script = fileURLToPath(new URL('./engine-process.ts', import.meta.url));
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', script, directory, '0', login, JSON.stringify(grants)],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const ended = once(child, 'exit');
  const port = await Promise.race([
    once(child, 'message').then(([message]) => (message as { port: number }).port),
    ended.then(([code]) => Promise.reject(new Error(`The engine ended at its start with ${String(code)}.`))),
  ]);
  // It must not keep a test alive that forgot it; it ends with its parent.
  child.unref();
  child.channel?.unref();
  return {
    port,
    end: async (signal) => {
      child.ref();
      child.kill(signal);
      await ended;
    },
  };
}
