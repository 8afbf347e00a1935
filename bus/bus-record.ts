import type { BusRecord } from './bus.ts';

/** A message as kafkajs fetched it. */
export interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Milliseconds since the epoch. */
  readonly timestamp: string;
  /** Of a transaction: nobody's record. */
  readonly isControlRecord?: boolean;
}

/** A fetched message as the bus gives it. Offsets are exact up to 2^53. */
export function busRecord(topic: string, partition: number, message: FetchedMessage): BusRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key?.toString() ?? null,
    value: message.value,
    timeMs: Number(message.timestamp),
  };
}
