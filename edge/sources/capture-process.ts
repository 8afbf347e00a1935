import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { CaptureReader } from './capture-reader.ts';
import { NamedPipe } from './named-pipe.ts';
import { pumpPipe } from './pump-pipe.ts';
import { pumpStream } from './pump-stream.ts';

/** How often a process that is to stop is looked at. Ticks are counted, not time: a blocked event loop must not look like a quiet pipe. */
const TICK_MS = 50;
/** A process that was asked to stop is killed after so much silence, or when it still writes after so long. */
const SILENCE_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 60_000;
/** A process whose output has ended follows it within this, or is killed: what it captures would go nowhere. */
const END_LIMIT_MS = 2_000;
/** stderr of a healthy capture is a few lines; more is not kept. */
const MAX_STDERR_BYTES = 16_384;

export interface CaptureProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The file descriptor on which the process writes its capture. */
  readonly outputDescriptor: 1 | 3;
  /**
   * After an abort the process is left running, so that it reads what the kernel still holds, until its output has been silent this long
   * or has come to packets later than the abort.
   */
  readonly drainMs: number;
  /** Capture time of the packet delivered last, µs since the epoch, by this machine's clock. */
  readonly lastTimeUs: () => number;
  readonly onListening?: (() => void) | undefined;
  /** Called for each stderr output, with all of it so far. */
  readonly onStderr?: (text: string) => void;
  readonly onSpawn?: (child: ChildProcess) => void;
}

export interface CaptureProcessEnd {
  /** Exit status, or null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signalName: string | null;
  readonly stderr: string;
  /** True where it ended before it was sent SIGINT. */
  readonly isUnexpected: boolean;
}

/**
 * Runs a process that writes a capture, and feeds it to `reader` until it ends. On abort it is drained (see `drainMs`), is sent SIGINT, and
 * its pipe is read to the end. It is killed after 10 s of silence or 60 s in all; what it still held is then lost.
 * @throws NodeJS.ErrnoException where the command cannot be started; what the reader or `afterChunk` throws: the process is then killed.
 */
export async function runCaptureProcess(
  options: CaptureProcessOptions,
  reader: CaptureReader,
  afterChunk: () => Promise<void> | void,
  signal: AbortSignal,
): Promise<CaptureProcessEnd> {
  const pipe = NamedPipe.make();
  const output = pipe?.writeEnd ?? 'pipe';
  const child = spawn(options.command, options.args, {
    stdio: options.outputDescriptor === 1 ? ['pipe', output, 'pipe'] : ['pipe', 'ignore', 'pipe', output],
    // Its own process group: a Ctrl-C in the terminal is for us alone, who then drain it in order.
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (pipe !== null) closeSync(pipe.writeEnd);
  const killNow = () => child.kill('SIGKILL');
  process.on('exit', killNow);
  const closed = new Promise<void>((resolve, reject) => {
    child.on('close', () => resolve());
    child.on('error', reject);
  });
  closed.catch(() => undefined);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_BYTES);
    options.onStderr?.(stderr);
  });
  let isBusy = false;
  let silentTicks = 0;
  let ticksSinceInterrupt = -1;
  let timer: NodeJS.Timeout | undefined;
  let end: NodeJS.Timeout | undefined;
  const stop = () => {
    const abortedUs = Date.now() * 1000;
    timer = setInterval(() => {
      silentTicks = isBusy ? 0 : silentTicks + 1;
      if (ticksSinceInterrupt >= 0) {
        ticksSinceInterrupt++;
        if (silentTicks * TICK_MS >= SILENCE_LIMIT_MS || ticksSinceInterrupt * TICK_MS >= STOP_LIMIT_MS) killNow();
      } else if (silentTicks * TICK_MS >= options.drainMs || options.lastTimeUs() > abortedUs) {
        child.kill('SIGINT');
        ticksSinceInterrupt = 0;
      }
    }, TICK_MS);
  };
  let isAnnounced = false;
  const afterEach = async () => {
    isBusy = true;
    silentTicks = 0;
    if (!isAnnounced && reader.isOpen) {
      isAnnounced = true;
      options.onListening?.();
    }
    await afterChunk();
    isBusy = false;
  };
  try {
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    options.onSpawn?.(child);
    if (pipe !== null) await pumpPipe(pipe, reader, afterEach);
    else await pumpStream(child.stdio[options.outputDescriptor] as Readable, reader, afterEach);
    end = setTimeout(killNow, END_LIMIT_MS);
    await closed;
    return {
      exitCode: child.exitCode,
      signalName: child.signalCode,
      stderr,
      isUnexpected: ticksSinceInterrupt < 0,
    };
  } catch (error) {
    killNow();
    for (const stream of child.stdio) stream?.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    clearInterval(timer);
    clearTimeout(end);
    process.off('exit', killNow);
    pipe?.close();
  }
}
