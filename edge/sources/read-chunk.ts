import type { CaptureReader } from './capture-reader.ts';

/** Gives a chunk to a reader, and `afterChunk` its turn behind it and wherever the reader is paused. @throws What either throws. */
export async function readChunk(
  reader: CaptureReader,
  chunk: Buffer,
  length: number,
  afterChunk: () => Promise<void> | void,
): Promise<void> {
  let at = 0;
  do {
    at = reader.push(chunk, length, at);
    const wait = afterChunk();
    if (wait !== undefined) await wait;
  } while (at < length);
}
