/** One record as a consumer sees it. */
export interface BusRecord {
  readonly topic: string;
  readonly partition: number;
  /** Position in the partition; grows with every record, not always by one. */
  readonly offset: number;
  readonly key: string | null;
  /** Belongs to the consumer; producers do not write to it after `send`. Null deletes the key from a compacted topic. */
  readonly value: Buffer | null;
  /** When the record was kept, ms since the epoch: the same at each delivery. */
  readonly timeMs: number;
}

/** One record as a producer gives it. */
export interface OutgoingRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: Buffer | null;
}

/** The offset behind the last record of which everything that follows is durable. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * A member of a consumer group: what a process does with the partitions it is given.
 *
 * Calls for one partition never overlap, but for `commit`, during which records go on coming.
 */
export interface GroupMember {
  /** What all members of a group must do alike, in a word; who does other work is not let in while they are there. */
  readonly work?: string;
  /**
   * A partition is given to this member; no record of it comes before this resolves.
   * @returns The first offset to deliver, where the member knows it better than its group; null: where the group stands.
   */
  assigned(topic: string, partition: number): Promise<number | null>;
  /**
   * Takes one record. While the promise is pending no further record of this partition comes (back-pressure). When it
   * rejects, the member is given its partitions anew, from their last commit, after a pause.
   */
  handle(record: BusRecord): Promise<void> | void;
  /**
   * Makes durable what follows from the records handled before the call. The bus calls it at its interval, before partitions
   * are taken away in order, and in `caughtUp`; never twice at once.
   * @returns How far that is, for the partitions where something was handled; the bus then commits these offsets.
   */
  commit(): Promise<readonly Position[]>;
  /**
   * The partition is this member's no longer: nothing of it may be written any more. Comes after the calls in hand and a
   * commit where these end in time; otherwise while they are pending, and what they come to is not looked at.
   */
  revoked(topic: string, partition: number): void;
}

/** A membership. */
export interface Subscription {
  /** Commits, and leaves the group; its partitions go to the other members. */
  close(): Promise<void>;
}

/**
 * What carries records from stage to stage, with Kafka's semantics. `test/bus/contract.ts` is the definition: each
 * implementation runs it.
 * - Records of a partition are delivered in the order they were sent.
 * - Every group gets every record; within a group a record goes to one member, and a partition to one member at a time.
 * - A group that is new starts at the oldest record still kept.
 * - Delivery is at least once: what was handled and not committed when a member failed or vanished comes again.
 */
export interface Bus {
  /** How many partitions a topic has. @throws SqltrailError `topic_missing`. */
  partitions(topic: string): Promise<number>;
  /**
   * Resolves once all records are kept. Waits while a partition is full (back-pressure). The records of one call that go to
   * the same partition are kept all or none, in their order.
   * @throws RangeError for a partition the topic does not have; SqltrailError `record_too_large`, `record_refused`, `topic_missing`, `bus_*`.
   */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<void>;
  /** Joins a group that reads these topics. @throws SqltrailError `bus_denied` where its members do other work; `topic_missing`, `bus_*`. */
  subscribe(topics: readonly string[], group: string, member: GroupMember): Promise<Subscription>;
  /** The records of a partition from the oldest kept to the last one as of the call, in batches; without any group. */
  read(topic: string, partition: number, fromOffset?: number): AsyncIterable<readonly BusRecord[]>;
  /** Resolves once the group has committed everything that was sent to the topic before the call. */
  caughtUp(topic: string, group: string): Promise<void>;
  /** Ends all subscriptions after the records in hand. */
  close(): Promise<void>;
}
