import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AlertSink, SinkFailure } from '../../../processors/alert/alert-sink.ts';
import { SinkQueue } from '../../../processors/alert/sink-queue.ts';
import type { Alert } from '../../../schemas/alert.ts';
import { madeAlert } from './made-alert.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A sink that does with each attempt what it is told. */
class FakeSink implements AlertSink {
  readonly attempts: { readonly id: string; readonly atMs: number }[] = [];
  behave: (alert: Alert) => Promise<void> = () => Promise.resolve();

  send(alert: Alert): Promise<void> {
    this.attempts.push({ id: alert.alert_id, atMs: Date.now() });
    return this.behave(alert);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function queueOf(sink: AlertSink) {
  const troubles: (string | null)[] = [];
  const done: [string, string][] = [];
  const queue = new SinkQueue({ name: 'hook', sink, timeoutMs: 5_000, onTrouble: (trouble) => troubles.push(trouble) });
  const owner = {};
  const push = (alert: Alert, whose: object = owner) => {
    queue.push({ alert, owner: whose, done: (outcome) => done.push([alert.alert_id, outcome]) });
    return alert.alert_id;
  };
  return { queue, push, troubles, done };
}

const alerts = ['a', 'b', 'c'].map((area) => madeAlert({ area }));
const down = () => Promise.reject(new SinkFailure('The receiver answered with status 503.'));

describe('the queue of a sink', () => {
  it('sends in order, one after another', async () => {
    const sink = new FakeSink();
    const { push, done, troubles } = queueOf(sink);
    const ids = alerts.map((alert) => push(alert));
    await vi.advanceTimersByTimeAsync(0);
    expect(sink.attempts.map(({ id }) => id)).toEqual(ids);
    expect(done).toEqual(ids.map((id) => [id, 'delivered']));
    expect(troubles).toEqual([]);
    push(alerts[0]!);
    await vi.advanceTimersByTimeAsync(0);
    expect(sink.attempts).toHaveLength(4);
  });

  it('keeps everything while the sink is down for an hour, says so once, and delivers it when it is back', async () => {
    const sink = new FakeSink();
    sink.behave = down;
    const { queue, push, done, troubles } = queueOf(sink);
    const ids = alerts.map((alert) => push(alert));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(done).toEqual([]);
    expect(troubles).toEqual(['The receiver answered with status 503.']);
    expect(queue.trouble).toBe('The receiver answered with status 503.');
    const times = sink.attempts.map(({ atMs }) => atMs);
    const pauses = times.slice(1).map((time, i) => time - times[i]!);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
    expect(Math.min(...pauses.slice(8))).toBeGreaterThanOrEqual(15_000);
    expect(pauses[0]).toBeLessThanOrEqual(500);
    sink.behave = () => Promise.resolve();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(done).toEqual(ids.map((id) => [id, 'delivered']));
    expect(troubles).toEqual(['The receiver answered with status 503.', null]);
    expect(queue.trouble).toBeNull();
  });

  it('waits as long as the receiver asks', async () => {
    const sink = new FakeSink();
    sink.behave = () =>
      Promise.reject(new SinkFailure('The receiver answered with status 429.', { retryAfterMs: 42_000 }));
    const { push } = queueOf(sink);
    push(alerts[0]!);
    await vi.advanceTimersByTimeAsync(41_999);
    expect(sink.attempts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sink.attempts).toHaveLength(2);
  });

  it('leaves a receiver alone for half a second at least, whatever it asks', async () => {
    const sink = new FakeSink();
    sink.behave = () => Promise.reject(new SinkFailure('The receiver answered with status 429.', { retryAfterMs: 0 }));
    const { push } = queueOf(sink);
    push(alerts[0]!);
    await vi.advanceTimersByTimeAsync(1_250);
    expect(sink.attempts.map(({ atMs }) => atMs - sink.attempts[0]!.atMs)).toEqual([0, 500, 1_000]);
  });

  it('gives up what the receiver refuses three times for what it is, and goes on', async () => {
    const sink = new FakeSink();
    sink.behave = (alert) =>
      alert === alerts[0] ? Promise.reject(new SinkFailure('Status 400.', { isRefused: true })) : Promise.resolve();
    const { queue, push, done } = queueOf(sink);
    const ids = alerts.map((alert) => push(alert));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sink.attempts.map(({ id }) => id)).toEqual([ids[0], ids[0], ids[0], ids[1], ids[2]]);
    expect(done).toEqual([
      [ids[0], 'rejected'],
      [ids[1], 'delivered'],
      [ids[2], 'delivered'],
    ]);
    expect(queue.counters).toEqual({ delivered: 2, failed: 3, rejected: 1 });
  });

  it('gives an attempt that does not end its time, and tries again', async () => {
    const sink = new FakeSink();
    sink.behave = () => new Promise(() => {});
    const { push, troubles } = queueOf(sink);
    push(alerts[0]!);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(troubles).toEqual([]);
    await vi.advanceTimersByTimeAsync(501);
    expect(troubles).toEqual(['It did not answer in time.']);
    expect(sink.attempts).toHaveLength(2);
  });

  it('forgets what is of a partition that was taken away, also what is under way', async () => {
    const sink = new FakeSink();
    sink.behave = down;
    const { queue, push, done } = queueOf(sink);
    const other = {};
    push(alerts[0]!, other);
    push(alerts[1]!);
    push(alerts[2]!, other);
    await vi.advanceTimersByTimeAsync(100);
    queue.forget(other);
    sink.behave = () => Promise.resolve();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done).toEqual([[alerts[1]!.alert_id, 'delivered']]);
  });

  it('ends at once when it is closed, and sends nothing more', async () => {
    const sink = new FakeSink();
    sink.behave = () => new Promise(() => {});
    const { queue, push, done } = queueOf(sink);
    push(alerts[0]!);
    push(alerts[1]!);
    await vi.advanceTimersByTimeAsync(10);
    await queue.close();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sink.attempts).toHaveLength(1);
    expect(done).toEqual([]);
  });

  it('holds up no other sink', async () => {
    const [slow, quick] = [new FakeSink(), new FakeSink()];
    slow.behave = () => new Promise(() => {});
    const one = queueOf(slow);
    const other = queueOf(quick);
    for (const alert of alerts) {
      one.push(alert);
      other.push(alert);
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(other.done).toHaveLength(3);
    expect(one.done).toEqual([]);
  });
});
