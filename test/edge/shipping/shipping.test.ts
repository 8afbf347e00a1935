import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Spool } from '../../../edge/shipping/spool.ts';
import { batch, LONG_MS, make, settle } from './made-shipping.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqltrail-shipping-'));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

describe('shipping', () => {
  it('sends what gathered during a request in the next one, partitions together', async () => {
    const { bus, shipping, acked } = make();
    shipping.push(batch(0), 0);
    await settle();
    for (let i = 1; i < 6; i++) shipping.push(batch(i), 0);
    expect(bus.pending.map((each) => each.records.length)).toEqual([1]);
    bus.ack();
    await settle();
    expect(bus.pending.map((each) => each.records.length)).toEqual([5]);
    bus.ack();
    await shipping.idle();
    expect(bus.kept).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(acked).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('gives no partition more in one request than a topic takes by default', async () => {
    const { bus, shipping } = make({ overflow: 'wait' });
    for (let i = 0; i < 40; i++) shipping.push(batch(i * 3, 256 * 1024), 0);
    void shipping.idle();
    for (let i = 0; i < 40; i++) {
      await settle();
      bus.ack();
    }
    expect(bus.kept[0]).toEqual(Array.from({ length: 40 }, (_, i) => i * 3));
    expect(bus.largestPartitionBytes).toBeLessThan(1_000_000);
  });

  it('drops the newest batch where memory is full and there is no disk, and says so', async () => {
    const { bus, shipping, lost } = make();
    shipping.push(batch(0), 0);
    await settle();
    for (let i = 1; i <= 70; i++) shipping.push(batch(i, 256 * 1024), 0);
    expect(lost).toEqual([
      '65 spool_overflow',
      '66 spool_overflow',
      '67 spool_overflow',
      '68 spool_overflow',
      '69 spool_overflow',
      '70 spool_overflow',
    ]);
    expect(shipping.queuedBytes).toBeLessThanOrEqual(17 * 1024 * 1024);
    expect(bus.pending).toHaveLength(1);
  });

  it('makes a source wait that can, and lets it go on when half is sent', async () => {
    const { bus, shipping, lost } = make({ overflow: 'wait' });
    for (let i = 0; i < 80; i++) shipping.push(batch(i, 256 * 1024), 0);
    const room = shipping.room();
    expect(room).not.toBeNull();
    let goesOn = false;
    void room?.then(() => {
      goesOn = true;
    });
    for (let i = 0; i < 8 && !goesOn; i++) {
      await settle();
      bus.ack();
      await settle();
    }
    expect(goesOn).toBe(true);
    expect(shipping.room()).toBeNull();
    expect(lost).toEqual([]);
  });

  it('moves everything to disk when a request hangs, the request too, and drains it in order', async () => {
    const spool = Spool.open(directory, 1e6);
    const { bus, shipping, acked } = make({ spool });
    const nowMs = Date.now();
    shipping.push(batch(0), nowMs);
    await settle();
    shipping.push(batch(1), nowMs);
    shipping.tick(nowMs + LONG_MS);
    expect(shipping.unsafeSinceMs).toBeNull();
    shipping.push(batch(2), nowMs);
    expect([...Spool.open(directory, 1e6).tally().entries()].map((each) => each.minuteMs)).toEqual([0, 1, 2]);
    bus.ack();
    await settle();
    expect(acked).toEqual([0]);
    bus.ack();
    await shipping.idle();
    expect(acked).toEqual([0, 1, 2]);
    expect(spool.isEmpty).toBe(true);
  });

  it('sends a request again that failed, in the same order', async () => {
    const { bus, shipping, acked } = make();
    shipping.push(batch(0), 0);
    shipping.push(batch(3), 0);
    await settle();
    bus.fail(false);
    await vi.advanceTimersByTimeAsync(LONG_MS);
    bus.ack();
    await settle();
    bus.ack();
    await shipping.idle();
    expect(acked).toEqual([0, 3]);
  });

  it('lets one record that Kafka finds too large hold up no other', async () => {
    const { bus, shipping, acked, lost } = make();
    shipping.push(batch(9), 0);
    await settle();
    for (const each of [0, 1, 2]) shipping.push(batch(each), 0);
    bus.ack();
    await settle();
    bus.fail(false, 'record_too_large');
    await settle();
    bus.ack();
    await settle();
    bus.fail(false, 'record_too_large');
    await settle();
    bus.ack();
    await shipping.idle();
    expect(acked).toEqual([9, 0, 2]);
    expect(lost).toEqual(['1 rejected']);
  });

  it('loses a record that the brokers refuse for what it is, where they take others', async () => {
    const { bus, shipping, acked, lost } = make();
    shipping.push(batch(9), 0);
    await settle();
    for (const each of [0, 1]) shipping.push(batch(each), 0);
    bus.ack();
    await settle();
    for (const answer of ['whole', 'first alone'] as const) {
      expect(bus.pending, answer).toHaveLength(1);
      bus.fail(false, 'record_refused');
      await settle();
    }
    bus.ack();
    await shipping.idle();
    expect(acked).toEqual([9, 1]);
    expect(lost).toEqual(['0 rejected']);
  });

  it('counts a record once that is under way alone when it is closed', async () => {
    const { bus, shipping, acked, lost } = make();
    for (const each of [0, 1]) shipping.push(batch(each), 0);
    await settle();
    bus.fail(false, 'record_refused');
    await settle();
    // Each goes alone now: the first is taken, the second waits for its answer.
    bus.ack();
    await settle();
    await shipping.close();
    bus.ack();
    await settle();
    expect([...acked, ...lost.map((each) => Number(each.split(' ')[0]))].toSorted()).toEqual([0, 1]);
  });

  it('keeps trying for a minute where they take none: the topic is at fault then, and its cure saves the rest', async () => {
    const { bus, shipping, acked, lost } = make();
    shipping.push(batch(0), 0);
    await settle();
    const refuse = async (forMs: number) => {
      for (const until = Date.now() + forMs; Date.now() < until; ) {
        bus.fail(false, 'record_refused');
        await vi.advanceTimersByTimeAsync(500);
      }
    };
    await refuse(50_000);
    expect(lost).toEqual([]);
    await refuse(30_000);
    expect(lost).toEqual(['0 rejected']);
    shipping.push(batch(1), 0);
    await settle();
    await refuse(30_000);
    for (let i = 0; i < 20 && acked.length === 0; i++) {
      bus.ack();
      await vi.advanceTimersByTimeAsync(500);
    }
    await shipping.idle();
    expect(acked).toEqual([1]);
    expect(lost).toEqual(['0 rejected']);
  });

  it('tells a reader of files what Kafka refuses for good; a live capture goes on trying', async () => {
    const files = make({ overflow: 'wait' });
    files.shipping.push(batch(0), 0);
    await settle();
    files.bus.fail(false, 'bus_denied');
    await expect(files.shipping.idle()).rejects.toThrow('no');
    const live = make();
    live.shipping.push(batch(0), 0);
    await settle();
    live.bus.fail(false, 'bus_denied');
    await vi.advanceTimersByTimeAsync(LONG_MS);
    live.bus.ack();
    await live.shipping.idle();
    expect(live.acked).toEqual([0]);
  });

  it('leaves on disk what was not acknowledged when it is closed', async () => {
    const { bus, shipping, lost } = make({ spool: Spool.open(directory, 1e6) });
    shipping.push(batch(0), 0);
    await settle();
    shipping.push(batch(1), 0);
    await shipping.close();
    expect(lost).toEqual([]);
    const next = make({ spool: Spool.open(directory, 1e6) });
    await settle();
    next.bus.ack();
    await next.shipping.idle();
    expect(next.acked).toEqual([0, 1]);
    expect(bus.kept.flat()).toEqual([]);
  });
});
