import { SqltrailError } from '../runtime/errors.ts';
import type { GroupMember, Position, Subscription } from './bus.ts';
import { busRecord } from './bus-record.ts';
import type { EachBatchPayload, KafkaClient } from './kafka-client.ts';
import { kafkaError } from './kafka-errors.ts';
import {
  GroupConsumer,
  type GroupConsumerHost,
  type GroupConsumerOptions,
  type TopicPartition,
} from './kafka-group-consumer.ts';
import { KafkaLane } from './kafka-lane.ts';
import type { KafkaMetadata } from './kafka-metadata.ts';
import { startOffset } from './kafka-start-offset.ts';
import { closedError, type KafkaTrouble } from './kafka-trouble.ts';
import { Membership } from './membership.ts';

/** How long a member may take to end what it has in hand when its partitions change hands. */
const RELEASE_LIMIT_MS = 10_000;
/** A batch waits so long for room; then its partition is paused and the others go on. */
const ROOM_LIMIT_MS = 50;
const FIRST_RESTART_MS = 500;
const LONGEST_RESTART_MS = 5_000;
/** Where somebody must change something first. */
const DENIED_RESTART_MS = 30_000;

export interface KafkaSubscriptionOptions extends GroupConsumerOptions {
  readonly member: GroupMember;
  readonly brokers: readonly string[];
  readonly commitMs: number;
}

/**
 * One member of a Kafka consumer group. kafkajs joins, fetches and sends heartbeats; what a partition's records, start and
 * commit are about is the `Membership`'s. A consumer that kafkajs ends is replaced, after a pause.
 */
export class KafkaSubscription implements Subscription, GroupConsumerHost {
  private readonly client: KafkaClient;
  private readonly metadata: KafkaMetadata;
  private readonly trouble: KafkaTrouble;
  private readonly options: KafkaSubscriptionOptions;
  private readonly membership: Membership;
  private readonly lanes = new Map<string, KafkaLane>();
  private readonly about: string;
  private readonly aboutMember: string;
  private readonly timer: NodeJS.Timeout;
  private consumer: GroupConsumer | null = null;
  /** Replaced with each assignment, so that what still goes on for the last one knows. */
  private owned: readonly TopicPartition[] = [];
  private retry: NodeJS.Timeout | undefined;
  private restartMs = FIRST_RESTART_MS;
  private closing: Promise<void> | null = null;
  /** Of `join`: the first time in the group, or why not. */
  private joined: { resolve: () => void; reject: (error: SqltrailError) => void } | null = null;

  constructor(client: KafkaClient, metadata: KafkaMetadata, trouble: KafkaTrouble, options: KafkaSubscriptionOptions) {
    this.client = client;
    this.metadata = metadata;
    this.trouble = trouble;
    this.options = options;
    this.about = `consume as group ${options.group}`;
    this.aboutMember = `process the records of group ${options.group}`;
    this.membership = new Membership(options.member, {
      commitOffsets: (positions) => this.commitOffsets(positions),
      memberFailed: (error, pauseMs) => this.memberFailed(error, pauseMs),
    });
    this.timer = setInterval(() => void this.membership.commit(), options.commitMs);
  }

  /** Resolves once the group has been joined. @throws SqltrailError not retriable, or when it is closed before. */
  join(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.joined = { resolve, reject };
      this.run(null);
    });
  }

  get group(): string {
    return this.options.group;
  }

  /** Resolves when a commit that began after this call is over. */
  commit(): Promise<void> {
    return this.membership.commit();
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.retry);
    this.joined?.reject(closedError(this.about));
    this.joined = null;
    await this.membership.release(RELEASE_LIMIT_MS);
    this.owned = [];
    const { consumer } = this;
    this.consumer = null;
    await consumer?.close();
    this.trouble.over(this.about);
    this.trouble.over(this.aboutMember);
  }

  leaving(): Promise<void> {
    // No heartbeat goes out meanwhile.
    return this.membership.release(Math.min(RELEASE_LIMIT_MS, this.options.sessionTimeoutMs / 3));
  }

  assigned(consumer: GroupConsumer, partitions: readonly TopicPartition[]): void {
    if (this.consumer !== consumer) return;
    this.joined?.resolve();
    this.joined = null;
    this.restartMs = FIRST_RESTART_MS;
    this.trouble.over(this.about);
    this.membership.drop();
    clearTimeout(this.retry);
    this.owned = partitions;
    this.pauseAll(consumer);
    void this.giveAll(consumer);
  }

  skipped(partition: TopicPartition, nextOffset: number): void {
    const lane = this.lanes.get(keyOf(partition));
    if (lane !== undefined) lane.fetchNext = nextOffset;
  }

  private run(lostMemberId: string | null): void {
    this.consumer = new GroupConsumer(this.client, this.options, this, lostMemberId);
    void this.consumer.run();
  }

  private pauseAll(consumer: GroupConsumer): void {
    this.lanes.clear();
    consumer.pause(this.owned);
  }

  private async giveAll(consumer: GroupConsumer): Promise<void> {
    const { owned } = this;
    const { group } = this.options;
    const topics = [...new Set(owned.map(({ topic }) => topic))];
    const give = async (topic: string) => {
      const [offsets, committed] = await this.trouble.retry(`find where group ${group} stands in ${topic}`, () =>
        Promise.all([this.metadata.offsets(topic), this.metadata.groupOffsets(group, topic)]),
      );
      const partitions = owned.filter((each) => each.topic === topic).map(({ partition }) => partition);
      await Promise.all(
        partitions.map(async (partition) => {
          if (this.owned !== owned) return;
          const range = offsets[partition] ?? { low: 0, high: 0 };
          const standing = committed[partition] ?? -1;
          const task = await this.membership.give(topic, partition, standing < 0 ? range.low : standing);
          if (task === null || this.owned !== owned || this.consumer !== consumer) return;
          task.next = this.checkedStart(topic, partition, task.next, range);
          this.lanes.set(keyOf(task), new KafkaLane(this.membership, task, () => this.resume(consumer, task)));
          consumer.seek(task, task.next);
          consumer.resume(task);
        }),
      );
    };
    await Promise.all(topics.map(give)).catch((error: unknown) => {
      if (this.owned === owned) this.memberFailed(error, LONGEST_RESTART_MS);
    });
  }

  private checkedStart(topic: string, partition: number, wanted: number, range: { low: number; high: number }): number {
    const start = startOffset(wanted, range);
    if (start !== wanted) this.reportHole(topic, partition, wanted, start);
    return start;
  }

  private reportHole(topic: string, partition: number, wanted: number, start: number): void {
    const message = `Partition ${partition} of ${topic} goes on at offset ${start} instead of ${wanted}: what lay between is not kept any more.`;
    const cure = 'Keep records longer (retention.ms) than processors may be away.';
    const about = `${this.about} from the last position`;
    this.trouble.report(about, new SqltrailError('bus_failed', message, cure));
    this.trouble.over(about);
  }

  async batch(consumer: GroupConsumer, payload: EachBatchPayload): Promise<void> {
    const { batch, isStale, resolveOffset } = payload;
    const { topic, partition, messages } = batch;
    const lane = this.lanes.get(keyOf(batch));
    const last = messages.at(-1);
    if (lane === undefined || !lane.task.isActive || isStale() || last === undefined) return;
    const fetchedFrom = Number((batch as { fetchedOffset?: string }).fetchedOffset);
    if (fetchedFrom !== lane.fetchNext) {
      // Fetched for somebody who had the partition before; or the brokers keep nothing from there on.
      if (lane.otherStart !== fetchedFrom) {
        lane.otherStart = fetchedFrom;
        consumer.seek(batch, lane.fetchNext);
        return;
      }
      this.reportHole(topic, partition, lane.fetchNext, fetchedFrom);
    }
    resolveOffset(last.offset);
    lane.fetchNext = Number(batch.lastOffset()) + 1;
    lane.push(messages.map((message) => busRecord(topic, partition, message)));
    await lane.roomWithin(ROOM_LIMIT_MS);
    if (!lane.hasRoom && lane.task.isActive) {
      lane.isPaused = true;
      consumer.pause([batch]);
    }
  }

  private resume(consumer: GroupConsumer, partition: TopicPartition): void {
    const lane = this.lanes.get(keyOf(partition));
    if (lane === undefined || !lane.isPaused || !lane.task.isActive || this.consumer !== consumer) return;
    lane.isPaused = false;
    consumer.resume(partition);
  }

  private async commitOffsets(positions: readonly Position[]): Promise<boolean> {
    const { consumer } = this;
    if (consumer === null) return false;
    const about = `commit the offsets of group ${this.options.group}`;
    try {
      await consumer.commit(positions);
      this.trouble.over(about);
      this.trouble.over(this.aboutMember);
      return true;
    } catch (error) {
      // While the group comes together again nobody can commit: what was handled comes again.
      if (!isRebalance(error)) this.trouble.report(about, kafkaError(error, about, this.options.brokers));
      return false;
    }
  }

  private memberFailed(error: unknown, pauseMs: number): void {
    const { owned, consumer } = this;
    if (consumer === null || this.closing !== null) return;
    this.pauseAll(consumer);
    const about = this.aboutMember;
    const cure = 'The records are delivered again until it works.';
    if (error instanceof SqltrailError) this.trouble.report(about, error);
    else
      this.trouble.report(
        about,
        new SqltrailError('bus_failed', `Could not ${about}.`, cure, { cause: error, retriable: true }),
      );
    this.retry = setTimeout(() => {
      if (this.owned === owned && this.consumer === consumer) void this.giveAll(consumer);
    }, pauseMs);
  }

  ended(consumer: GroupConsumer, error: unknown): void {
    if (this.consumer !== consumer || this.closing !== null) return;
    this.consumer = null;
    this.owned = [];
    this.lanes.clear();
    clearTimeout(this.retry);
    this.membership.drop();
    const known = kafkaError(error, this.about, this.options.brokers);
    if (this.joined !== null && !known.retriable) {
      this.joined.reject(known);
      this.joined = null;
      return;
    }
    this.trouble.report(this.about, known);
    const { leftBehind } = consumer;
    this.retry = setTimeout(() => this.run(leftBehind), known.retriable ? this.restartMs : DENIED_RESTART_MS);
    this.restartMs = Math.min(LONGEST_RESTART_MS, this.restartMs * 2);
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

const REBALANCE_TYPES = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
]);

function isRebalance(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  return REBALANCE_TYPES.has(type ?? '') || REBALANCE_TYPES.has(cause?.type ?? '');
}
