import { describe, expect, it } from 'vitest';
import { RestorableDecode } from '../../../processors/decode/restorable-decode.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';
import type { Loss } from '../../../schemas/loss.ts';
import { CONNECTION_BYTES, MESSAGE_KIND } from '../../../schemas/message-batch.ts';
import { MessageBatchWriter } from '../../../schemas/message-batch-writer.ts';
import { connectionPayload } from '../../support/connection-payload.ts';

const HOUR_US = 3600 * 1e6;
const START_US = 1_767_225_600_000_000;

describe('runs of an edge', () => {
  it('ends the connections of an earlier run of the same edge, their commands without an answer', () => {
    const decode = new RestorableDecode({ keepsRaw: false });
    step(decode, batch('a', 1, { uid: 1, sequence: 1, timeUs: START_US, sql: 'SELECT 1' }));
    step(decode, batch('b', 1, { uid: 2, sequence: 1, timeUs: START_US, sql: 'SELECT 2' }));
    const [event, ...more] = step(decode, batch('a', 2));
    expect(more).toEqual([]);
    expect(event).toMatchObject({ command: 'query', status: 'unknown', completeness: 'gap' });
    expect([...decode.stateKeys()]).toEqual([uidText(2)]);
  });

  it('ends nothing for the same run, and nothing for an older one that comes late', () => {
    const decode = new RestorableDecode({ keepsRaw: false });
    step(decode, batch('a', 5, { uid: 1, sequence: 1, timeUs: START_US, sql: 'SELECT 1' }));
    expect(step(decode, batch('a', 5))).toEqual([]);
    expect(step(decode, batch('a', 4))).toEqual([]);
    expect([...decode.stateKeys()]).toHaveLength(1);
  });

  it('knows the runs again in another process', () => {
    const decode = new RestorableDecode({ keepsRaw: false, tracksChanges: true });
    step(decode, batch('a', 7, { uid: 1, sequence: 1, timeUs: START_US, sql: 'SELECT 1' }));
    const other = new RestorableDecode({ keepsRaw: false, tracksChanges: true });
    for (const key of decode.takeChanged()) expect(other.importState(key, decode.exportState(key)!)).toBe(true);
    expect(step(other, batch('a', 8))).toHaveLength(1);
  });

  it('ends a connection that was silent for more than nine hours of capture time', () => {
    const decode = new RestorableDecode({ keepsRaw: false });
    step(decode, batch('a', 1, { uid: 1, sequence: 1, timeUs: START_US, sql: 'SELECT 1' }));
    expect(
      step(decode, batch('a', 1, { uid: 2, sequence: 1, timeUs: START_US + 8 * HOUR_US, sql: 'SELECT 2' })),
    ).toEqual([]);
    const late = step(
      decode,
      batch('a', 1, { uid: 2, sequence: 2, timeUs: START_US + 9.5 * HOUR_US, sql: 'SELECT 3' }),
    );
    expect(late).toHaveLength(1);
    expect([...decode.stateKeys()]).toEqual([uidText(2)]);
  });

  describe('an edge that never returns', () => {
    /** Edge `b` goes on for so many hours, a batch in each. */
    const goOn = (
      decode: RestorableDecode,
      hours: number,
      options: { from?: number; edge?: string; jumpUs?: number } = {},
    ) => {
      const { from = 0, edge = 'b', jumpUs = 0 } = options;
      const events: AuditEvent[] = [];
      for (let hour = from; hour <= from + hours; hour++)
        events.push(
          ...step(
            decode,
            batch(edge, 1, {
              uid: edge.charCodeAt(0),
              sequence: hour + 1,
              timeUs: START_US + jumpUs + hour * HOUR_US,
              close: true,
            }),
          ),
        );
      return events;
    };

    it('leaves its connections for nine hours of another, which then end', () => {
      const decode = new RestorableDecode({ keepsRaw: false });
      step(decode, batch('a', 1, { uid: 1, sequence: 1, timeUs: START_US, sql: 'SELECT 1' }));
      expect(goOn(decode, 8)).toEqual([]);
      expect(goOn(decode, 3, { from: 9 })).toMatchObject([
        { command: 'query', status: 'unknown', completeness: 'gap' },
      ]);
      expect([...decode.stateKeys()]).toEqual([]);
    });

    it('is not taken for gone where the clock of another runs ahead, or where it is heard in between', () => {
      const decode = new RestorableDecode({ keepsRaw: false });
      step(decode, batch('a', 1, { uid: 1, sequence: 1, timeUs: START_US, sql: 'SELECT 1' }));
      goOn(decode, 5);
      goOn(decode, 0, { from: 6, jumpUs: 1_000 * HOUR_US });
      step(decode, batch('a', 1));
      goOn(decode, 8, { from: 7, jumpUs: 1_000 * HOUR_US });
      expect([...decode.stateKeys()]).toEqual([uidText(1)]);
    });

    it('is counted on in another process, and files are never taken for gone', () => {
      const decode = new RestorableDecode({ keepsRaw: false, tracksChanges: true });
      step(decode, batch('a', 1, { uid: 1, sequence: 1, timeUs: START_US, sql: 'SELECT 1' }));
      step(decode, batch('files', 0, { uid: 2, sequence: 1, timeUs: START_US, sql: 'SELECT 1' }));
      goOn(decode, 5);
      const other = new RestorableDecode({ keepsRaw: false, tracksChanges: true });
      for (const key of decode.takeChanged()) other.importState(key, decode.exportState(key)!);
      expect(goOn(other, 6, { from: 6 })).toHaveLength(1);
      expect([...other.stateKeys()]).toEqual([uidText(2)]);
    });
  });

  it('skips what comes again of a connection that has ended, also in another process', () => {
    const whole = batch('a', 0, { uid: 1, sequence: 1, timeUs: START_US, sql: 'SELECT 1' });
    const close = batch('a', 0, { uid: 1, sequence: 2, timeUs: START_US + 1, close: true });
    const decode = new RestorableDecode({ keepsRaw: false, tracksChanges: true });
    expect([...step(decode, whole), ...step(decode, close)]).toHaveLength(1);
    const other = new RestorableDecode({ keepsRaw: false, tracksChanges: true });
    for (const key of decode.takeChanged()) expect(other.importState(key, decode.exportState(key)!)).toBe(true);
    for (const each of [decode, other]) expect([...step(each, whole), ...step(each, close)]).toEqual([]);
  });
});

describe('a record that is no batch of this version', () => {
  it.each([
    ['garbage', Buffer.from('{"json": true}')],
    ['garbage', Buffer.alloc(0)],
    ['future_version', Buffer.from('SQT2 and whatever that version has')],
    ['truncated', Buffer.from('SQT1')],
    ['truncated', batch('a', 1, { uid: 1, sequence: 1, timeUs: START_US, sql: 'SELECT 1' }).subarray(0, -3)],
    ['read', batch('a', 1)],
  ] as const)('is told apart: %s', (outcome, value) => {
    const decode = new RestorableDecode({ keepsRaw: false });
    step(decode, value);
    expect(decode.lastBatch.outcome).toBe(outcome);
  });
});

interface Message {
  readonly uid: number;
  readonly sequence: number;
  readonly timeUs: number;
  readonly sql?: string;
  readonly close?: boolean;
}

function batch(edgeId: string, runUs: number, message?: Message): Buffer {
  const writer = new MessageBatchWriter({ edgeId, runUs, serverId: 'db1' }, 256 * 1024);
  if (message !== undefined) {
    const { uid, sequence, timeUs, sql = '' } = message;
    const address = Uint32Array.of(0, 0, 0xffff, 0x0a000001);
    const id = Buffer.alloc(CONNECTION_BYTES, uid).subarray(0, 16);
    const number = writer.announce(connectionPayload(id, address, 40_000 + uid, address, 3306), 0);
    const payload = Buffer.from(`\x03${sql}`);
    if (message.close) writer.add(MESSAGE_KIND.close, 0, number, sequence, timeUs, 0, payload, 0, 0);
    else writer.add(MESSAGE_KIND.command, 0, number, sequence, timeUs, payload.length, payload, 0, payload.length);
  }
  return Buffer.from(writer.take());
}

function uidText(uid: number): string {
  return Buffer.alloc(16, uid).toString('hex');
}

function step(decode: RestorableDecode, value: Buffer): AuditEvent[] {
  const outputs: (AuditEvent | Loss)[] = [];
  decode.step(value, (output) => outputs.push(output));
  return outputs.filter((output) => output instanceof AuditEvent);
}
