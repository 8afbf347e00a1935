import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaptureReader } from './capture-reader.ts';
import { readChunk } from './read-chunk.ts';
import { unreadableFile } from './unreadable-file.ts';

/** A chunk of this is worth its wake-up. A socket pair that is full of small packets holds no more than three times as much. */
const FULL_BYTES = 16_384;

/**
 * Feeds a stream to a reader until it ends, waiting for `afterChunk` between chunks; meanwhile the stream's own bound holds the sender back.
 * @param options.signal Ends it early: what had already arrived is still delivered, the stream is left open.
 * @param options.paceMs After a chunk that was not full nothing is read for so long, so that a sender of many small pieces does not cost a
 *   wake-up for each. Default 0.
 * @throws SqltrailError `capture_unreadable` where the stream fails; what the reader or `afterChunk` throws.
 */
export async function pumpStream(
  stream: Readable,
  reader: CaptureReader,
  afterChunk: () => Promise<void> | void,
  options: { readonly signal?: AbortSignal; readonly paceMs?: number } = {},
): Promise<void> {
  const { signal, paceMs = 0 } = options;
  let isOver = false;
  let failure: Error | null = null;
  let wake: () => void = () => undefined;
  const onReadable = () => wake();
  const onOver = () => {
    isOver = true;
    wake();
  };
  const onError = (error: Error) => {
    failure = error;
    wake();
  };
  stream.on('readable', onReadable).on('end', onOver).on('close', onOver).on('error', onError);
  signal?.addEventListener('abort', onReadable);
  try {
    for (;;) {
      // One wait is armed before the look, so that what happens in between is not missed.
      const happened = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const aborted = signal?.aborted ?? false;
      const chunk = stream.read() as Buffer | null;
      if (chunk !== null) await readChunk(reader, chunk, chunk.length, afterChunk);
      if (failure !== null) throw unreadableFile(reader.name, failure);
      if (aborted || (chunk === null && isOver)) return;
      if (chunk === null) await happened;
      else if (paceMs > 0 && chunk.length < FULL_BYTES && !isOver) await sleep(paceMs);
    }
  } finally {
    stream.off('readable', onReadable).off('end', onOver).off('close', onOver);
    signal?.removeEventListener('abort', onReadable);
    // A late error has nobody to tell; without a listener it would end the process.
    stream.off('error', onError).on('error', () => undefined);
  }
}
