import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchShape, isWholeBatch } from '../../../cli/topics/batch-shape.ts';
import { ENDING, MESSAGE_FLAG, MESSAGE_KIND } from '../../../schemas/message-batch.ts';
import { MessageBatchWriter } from '../../../schemas/message-batch-writer.ts';
import { connectionPayload } from '../../support/connection-payload.ts';

const TIME_US = 1_700_000_000_000_000;
const UID = Buffer.alloc(16, 7);
const ADDRESS = new Uint32Array([0, 0, 0xffff, 0x0a000001]);
const SECRET = 'hunter2';
const QUERY = Buffer.from(`\x03SELECT '${SECRET}'`);

function writer(): MessageBatchWriter {
  return new MessageBatchWriter({ edgeId: 'edge-1', runUs: TIME_US, serverId: 'db-1' }, 256 * 1024);
}

function command(
  batch: MessageBatchWriter,
  payload: Buffer,
  flags = 0,
  bytes = payload.length,
  kind: number = MESSAGE_KIND.command,
) {
  const connection = batch.announce(connectionPayload(UID, ADDRESS, 5000, ADDRESS, 3306), 0);
  batch.add(kind, flags, connection, 1, TIME_US, bytes, payload, 0, payload.length);
  return connection;
}

describe('shape of a batch', () => {
  it('tells who spoke, when, how long and which command, and nothing of its text', () => {
    const batch = writer();
    const connection = command(batch, QUERY);
    const answer = Buffer.from(`\xff${SECRET}`, 'latin1');
    batch.addResponse(0, connection, 2, TIME_US, 60, 1, TIME_US, 3, 0, ENDING.err, answer, 0, answer.length);
    const shape = batchShape(batch.take());
    expect(shape).toEqual({
      edge_id: 'edge-1',
      run: '2023-11-14T22:13:20.000000Z',
      server_id: 'db-1',
      is_broken: false,
      messages: [
        {
          connection: UID.toString('hex'),
          kind: 'command',
          flags: [],
          sequence: 1,
          time: '2023-11-14T22:13:20.000000Z',
          bytes: QUERY.length,
          payload_bytes: QUERY.length,
          command: 'query',
        },
        {
          connection: UID.toString('hex'),
          kind: 'response',
          flags: [],
          sequence: 2,
          time: '2023-11-14T22:13:20.000000Z',
          bytes: 60,
          payload_bytes: answer.length,
          request_sequence: 1,
          rows: 3,
          ending: 'err',
        },
      ],
    });
    expect(JSON.stringify(shape)).not.toContain(SECRET);
  });

  it('takes the first byte of a fragment for no command', () => {
    const batch = writer();
    command(batch, Buffer.from('\x03'), MESSAGE_FLAG.moreFragments, 1);
    command(batch, Buffer.from('\x03'), 0, 2);
    const shape = batchShape(batch.take());
    expect(shape).toMatchObject({ messages: [{ flags: ['more_fragments'] }, { bytes: 2 }] });
    expect(JSON.stringify(shape)).not.toContain('query');
  });

  it('shows the readable head of a batch that was cut', () => {
    const batch = writer();
    command(batch, QUERY);
    command(batch, QUERY);
    const bytes = batch.take();
    const shape = batchShape(bytes.subarray(0, bytes.length - 3));
    expect(shape).toMatchObject({ is_broken: true, messages: [{ command: 'query' }] });
    expect(isWholeBatch(bytes)).toBe(true);
    expect(isWholeBatch(bytes.subarray(0, bytes.length - 3))).toBe(false);
  });

  it('says of what is no batch, or one of another version, only that and its length', () => {
    expect(batchShape(Buffer.from(SECRET))).toEqual({ unreadable: 'no message batch', bytes: SECRET.length });
    expect(batchShape(Buffer.from(`SQT2${SECRET}`))).toEqual({
      unreadable: 'a message batch of another version',
      bytes: 4 + SECRET.length,
    });
    expect(batchShape(Buffer.from('SQT1'))).toMatchObject({ unreadable: 'a message batch with a broken head' });
  });

  it('calls a batch with a kind of message it does not know not whole', () => {
    const batch = writer();
    command(batch, QUERY, 0, QUERY.length, 99);
    const bytes = batch.take();
    expect(batchShape(bytes)).toMatchObject({ messages: [{ kind: 'unknown 99' }] });
    expect(isWholeBatch(bytes)).toBe(false);
  });

  it('reads any bytes without throwing', () => {
    const good = writer();
    command(good, QUERY);
    const bytes = good.take();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(bytes.length),
        (changes, cut) => {
          const mutated = Buffer.from(bytes.subarray(0, cut));
          for (const [at, value] of changes) if (at < cut) mutated[at] = value;
          expect(typeof batchShape(mutated)).toBe('object');
          expect(typeof isWholeBatch(mutated)).toBe('boolean');
        },
      ),
    );
  });
});
