import type { SealedBatch } from '../../../edge/shipping/sealed-batch.ts';
import { Shipping, type ShippingOptions } from '../../../edge/shipping/shipping.ts';
import { FakeBus } from './fake-bus.ts';

/** Batches whose `minuteMs` is their number, of three partitions. */
export function batch(number: number, bytes = 8): SealedBatch {
  const value = Buffer.alloc(bytes);
  value.writeUInt32LE(number, 0);
  return { partition: number % 3, value, messages: 1, origin: 'e/1', minuteMs: number };
}

/** Lets everything run that waits for no timer. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** Shipping to a bus that answers when it is told to; numbers of what arrived, and of what was lost and why. */
export function make(options: Partial<ShippingOptions> = {}) {
  const bus = new FakeBus();
  const acked: number[] = [];
  const lost: string[] = [];
  const shipping = new Shipping({
    bus,
    topic: 'mysql.messages.v1',
    spool: null,
    overflow: 'drop',
    onAcked: (each) => acked.push(each.minuteMs),
    onLost: (each, reason) => lost.push(`${each.minuteMs} ${reason}`),
    onFailure: () => undefined,
    ...options,
  });
  return { bus, shipping, acked, lost };
}

/** More than a broker takes to answer. */
export const LONG_MS = 10_000;
