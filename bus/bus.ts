/** One record as a consumer sees it. */
export interface BusRecord {
  readonly topic: string;
  readonly partition: number;
  /** Position in the partition, from 0, without holes. */
  readonly offset: number;
  readonly key: string | null;
  /** Belongs to the consumer; producers do not write to it after `send`. */
  readonly value: Buffer;
}

/**
 * Takes one record. The offset is committed once the promise resolves; when it rejects, the same record is delivered again
 * (after a pause, perhaps to another member of the group), so a handler must stand repetition.
 */
export type RecordHandler = (record: BusRecord) => Promise<void>;

/** A member of a consumer group. */
export interface Subscription {
  /** Leaves the group after the record in hand; its partitions go to the other members. */
  close(): Promise<void>;
}

/**
 * What carries records from stage to stage, with Kafka's semantics. `test/bus/contract.ts` is the definition: each
 * implementation runs it.
 * - Records of a partition are delivered in the order they were sent.
 * - Every group gets every record; within a group a record goes to one member, and a partition to one member at a time.
 * - A group that is new starts at the oldest record still kept.
 * - Delivery is at least once: after a handler's failure, and after a member left with a record in hand.
 */
export interface Bus {
  /**
   * Resolves once the record is kept. Waits while the partition is full (back-pressure).
   * @throws RangeError for a partition the topic does not have.
   */
  send(topic: string, partition: number, key: string | null, value: Buffer): Promise<void>;
  subscribe(topic: string, group: string, handler: RecordHandler): Promise<Subscription>;
  /** Resolves once the group has committed everything that was sent to the topic before the call. */
  caughtUp(topic: string, group: string): Promise<void>;
  /** Ends all subscriptions after the records in hand. */
  close(): Promise<void>;
}
