import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MESSAGE_HEADER_BYTES, MESSAGE_KIND } from '../../schemas/message-batch.ts';
import { MessageBatchReader } from '../../schemas/message-batch-reader.ts';
import { MessageBatchWriter } from '../../schemas/message-batch-writer.ts';
import { connectionPayload } from '../support/connection-payload.ts';

const TIME_US = 1_767_225_600_000_000;

/** A command, its response and a gap. */
function goodBatch(): Buffer {
  const batch = new MessageBatchWriter({ edgeId: 'e', runUs: 1, serverId: 's' }, 256 * 1024);
  const connection = batch.announce(
    connectionPayload(Buffer.alloc(16), new Uint32Array(4), 1, new Uint32Array(4), 2),
    0,
  );
  batch.add(MESSAGE_KIND.command, 0, connection, 1, TIME_US, 2, Buffer.from('\x03x'), 0, 2);
  batch.addResponse(0, connection, 2, TIME_US + 5, 11, 1, TIME_US + 3, 4, 0, 1, Buffer.alloc(7), 0, 7);
  batch.add(MESSAGE_KIND.gap, 0, connection, 3, TIME_US + 9, 100, Buffer.alloc(9, 0), 0, 9);
  return batch.take();
}

const HEADER_BYTES = 18;
const reader = new MessageBatchReader();

/** Numbers of every message that is read. */
function numbersOf(bytes: Buffer): number[][] {
  const numbers: number[][] = [];
  if (!reader.open(bytes)) return numbers;
  while (reader.next()) {
    const { kind, sequence, timeUs, count, requestSequence, firstUs, rows, furtherRequestBytes } = reader;
    const ofResponse = kind === MESSAGE_KIND.response ? [requestSequence, firstUs, rows, furtherRequestBytes] : [];
    numbers.push([reader.runUs, sequence, timeUs, count, ...ofResponse]);
  }
  return numbers;
}

describe('a batch of messages', () => {
  it('is read to its end', () => {
    expect(numbersOf(goodBatch())).toHaveLength(4);
    expect([reader.broken, reader.timeUs]).toEqual([false, TIME_US + 9]);
  });

  it('gives whole numbers that can be added up, whatever bytes it has', () => {
    const good = goodBatch();
    const strange = fc.constantFrom(Number.NaN, Infinity, -1, 0.5, 1e300, 2 ** 53, 2 ** 48 + 1, -0, 2 ** 47);
    fc.assert(
      fc.property(fc.nat(good.length - 8), fc.oneof(strange, fc.double()), (at, value) => {
        const bytes = Buffer.from(good);
        bytes.writeDoubleLE(value, at);
        for (const message of numbersOf(bytes))
          expect(message.filter((each) => !(each >= 0 && Number.isSafeInteger(each)))).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('ends with the message before the first that is none, and takes no time from that one', () => {
    const good = goodBatch();
    const tail = Buffer.alloc(MESSAGE_HEADER_BYTES + 4);
    tail[0] = MESSAGE_KIND.command;
    tail.writeUInt32LE(1_000_000, 4);
    tail.writeDoubleLE(2 * TIME_US, 16);
    expect(numbersOf(Buffer.concat([good, tail]))).toHaveLength(4);
    expect([reader.broken, reader.timeUs]).toEqual([true, TIME_US + 9]);
  });

  it('has no time where it has no message, whatever was read before', () => {
    numbersOf(goodBatch());
    expect(numbersOf(goodBatch().subarray(0, HEADER_BYTES))).toEqual([]);
    expect([reader.broken, reader.timeUs]).toEqual([false, 0]);
  });

  it('never reads past its end, wherever it is cut', () => {
    const good = goodBatch();
    for (let end = 0; end < good.length; end++) {
      const cut = Buffer.from(good.subarray(0, end));
      if (!reader.open(cut)) continue;
      while (reader.next()) expect(reader.end).toBeLessThanOrEqual(end);
    }
  });
});
