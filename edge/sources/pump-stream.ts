import type { Readable } from 'node:stream';
import type { CaptureReader } from './capture-reader.ts';
import { readChunk } from './read-chunk.ts';
import { unreadableFile } from './unreadable-file.ts';

/**
 * Feeds a stream to a reader until it ends, waiting for `afterChunk` between chunks; meanwhile the stream's own bound holds the sender back.
 * @param signal Ends it early: what had already arrived is still delivered, the stream is left open.
 * @throws SqltrailError `capture_unreadable` where the stream fails; what the reader or `afterChunk` throws.
 */
export async function pumpStream(
  stream: Readable,
  reader: CaptureReader,
  afterChunk: () => Promise<void> | void,
  signal?: AbortSignal,
): Promise<void> {
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
    }
  } finally {
    stream.off('readable', onReadable).off('end', onOver).off('close', onOver);
    signal?.removeEventListener('abort', onReadable);
    // A late error has nobody to tell; without a listener it would end the process.
    stream.off('error', onError).on('error', () => undefined);
  }
}
