import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { CaptureReader } from './capture-reader.ts';
import type { NamedPipe } from './named-pipe.ts';
import { readChunk } from './read-chunk.ts';

/** What a pipe holds on Linux. */
const BUFFER_BYTES = 65_536;
/** A pipe that is full of packets holds at least so much: its pages are shared by whole packets only. */
const FULL_BYTES = 32_768;
/** Until a writer that waited for room has used it. */
const SHORT_PAUSE_MS = 1;
/** How long packets gather in the pipe; they wait longer for a batch to be sealed. */
const PAUSE_MS = 10;
/** What comes after silence was longer in the kernel. */
const LONGEST_PAUSE_MS = 100;

/**
 * Feeds a pipe to a reader until it ends, waiting for `afterChunk` between chunks; meanwhile the pipe holds the writer back. It is looked at
 * a hundred times a second, so that a writer of many small pieces does not cost a wake-up for each; sooner where it was full, down to ten
 * times where it stays empty. All is read into one buffer: taking 64 KiB anew for each read makes V8 look at its whole heap every second.
 */
export async function pumpPipe(
  pipe: NamedPipe,
  reader: CaptureReader,
  afterChunk: () => Promise<void> | void,
): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let pauseMs = PAUSE_MS;
  for (;;) {
    const bytes = pipe.read(buffer);
    if (bytes === 0) return;
    if (bytes !== null) await readChunk(reader, buffer, bytes, afterChunk);
    pauseMs = nextPause(bytes, pauseMs);
    if (pauseMs > 0) await sleep(pauseMs);
    else await turn();
  }
}

function nextPause(bytes: number | null, lastMs: number): number {
  if (bytes === null) return Math.min(LONGEST_PAUSE_MS, Math.max(SHORT_PAUSE_MS, lastMs * 2));
  if (bytes >= FULL_BYTES) return 0;
  return lastMs === 0 ? SHORT_PAUSE_MS : PAUSE_MS;
}
