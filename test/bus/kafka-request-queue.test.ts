import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { calmRequestQueues } from '../../bus/kafka-request-queue.ts';

interface Queue {
  pending: unknown[];
  throttledUntil: number;
  maxInFlightRequests: number;
  inflight: Map<number, unknown>;
  checkPendingRequests(): void;
  sendSocketRequest(request: unknown): void;
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as new (
  options: object,
) => Queue;
let queue: Queue;
let sent: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  calmRequestQueues();
  calmRequestQueues();
  queue = new RequestQueue({ logger: { debug: () => undefined }, maxInFlightRequests: 1 });
  sent = [];
  queue.sendSocketRequest = (request) => sent.push(request);
});

afterEach(() => {
  vi.useRealTimers();
});

test('a connection on which nothing waits keeps no timer', () => {
  queue.checkPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
});

test('a request that waits for another one to be answered is sent without another call', () => {
  queue.inflight.set(1, {});
  queue.pending.push({ correlationId: 2 });
  queue.checkPendingRequests();
  expect(sent).toEqual([]);
  queue.inflight.clear();
  vi.advanceTimersByTime(100);
  expect(sent).toEqual([{ correlationId: 2 }]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a request that comes while a broker throttles is sent when that is over', () => {
  queue.throttledUntil = Date.now() + 5_000;
  queue.pending.push({ correlationId: 1 });
  queue.checkPendingRequests();
  vi.advanceTimersByTime(4_000);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(2_000);
  expect(sent).toEqual([{ correlationId: 1 }]);
  expect(vi.getTimerCount()).toBe(0);
});
