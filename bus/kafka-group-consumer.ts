import type { Position } from './bus.ts';
import type { Consumer, EachBatchPayload, KafkaClient, KafkaCluster } from './kafka-client.ts';
import { within } from './within.ts';

/** Partitions whose batches wait for room at the same time. */
const CONCURRENT_BATCHES = 32;
/** Without brokers there is nobody to take leave of. */
const CLOSE_LIMIT_MS = 5_000;

export interface GroupConsumerOptions {
  readonly topics: readonly string[];
  readonly group: string;
  readonly work: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What happens to a consumer. */
export interface GroupConsumerHost {
  /** The group comes together again; until this resolves the consumer still is what it was. */
  leaving(): Promise<void>;
  /** The consumer has these partitions now; called before anything of them is fetched. */
  assigned(consumer: GroupConsumer, partitions: readonly TopicPartition[]): void;
  batch(consumer: GroupConsumer, payload: EachBatchPayload): Promise<void>;
  /** Of what was fetched nothing was left, and the next fetch begins there. */
  skipped(partition: TopicPartition, nextOffset: number): void;
  /** It has ended for good. */
  ended(consumer: GroupConsumer, error: unknown): void;
}

/** What kafkajs leaves out of its types. */
type Broker = Awaited<ReturnType<KafkaCluster['findGroupCoordinator']>> & {
  leaveGroup?(member: { groupId: string; memberId: string }): Promise<unknown>;
  findGroupCoordinator?(group: { groupId: string; coordinatorType: number }): Promise<unknown>;
};
const GROUP_COORDINATOR = 0;

/** kafkajs's consumer, with the moments it does not offer itself: before it joins again, and the end of one that was lost. */
export class GroupConsumer {
  private readonly consumer: Consumer;
  private readonly host: GroupConsumerHost;
  private readonly options: GroupConsumerOptions;
  private memberId: string | null = null;
  private lostMemberId: string | null;
  private isClosed = false;

  /** @param lostMemberId Of a consumer that ended without leaving: the group would wait for it until its session is over. */
  constructor(
    client: KafkaClient,
    options: GroupConsumerOptions,
    host: GroupConsumerHost,
    lostMemberId: string | null,
  ) {
    this.host = host;
    this.options = options;
    this.lostMemberId = lostMemberId;
    this.consumer = client.consumer(options.group, options, (cluster) => this.watchJoining(cluster));
    const { GROUP_JOIN, CRASH, START_BATCH_PROCESS } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.memberId = payload.memberId;
      if (this.isClosed) return;
      host.assigned(
        this,
        Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
          partitions.map((partition) => ({ topic, partition })),
        ),
      );
    });
    this.consumer.on(CRASH, ({ payload }) => this.end(payload.error));
    this.consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      // Only this event tells of it: kafkajs goes on behind such a batch by itself.
      if (payload.batchSize === 0) host.skipped(payload, Number(payload.lastOffset) + 1);
    });
  }

  /** Whom the group may go on waiting for when this has ended. */
  get leftBehind(): string | null {
    return this.memberId ?? this.lostMemberId;
  }

  async run(): Promise<void> {
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
      // It must not join any more.
      if (this.isClosed) return await this.consumer.disconnect();
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: CONCURRENT_BATCHES,
        eachBatch: (payload) => this.host.batch(this, payload),
      });
    } catch (error) {
      this.end(error);
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.unlessEnding(() =>
      this.consumer.pause(partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] }))),
    );
  }

  resume({ topic, partition }: TopicPartition): void {
    this.unlessEnding(() => this.consumer.resume([{ topic, partitions: [partition] }]));
  }

  seek({ topic, partition }: TopicPartition, offset: number): void {
    this.unlessEnding(() => this.consumer.seek({ topic, partition, offset: String(offset) }));
  }

  commit(positions: readonly Position[]): Promise<void> {
    return this.consumer.commitOffsets(positions.map((each) => ({ ...each, offset: String(each.offset) })));
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    this.isClosed = true;
    await within(CLOSE_LIMIT_MS, this.consumer.disconnect());
  }

  /** kafkajs refuses these from the moment it ends a consumer, which it tells only later. */
  private unlessEnding(call: () => void): void {
    try {
      call();
    } catch (error) {
      if ((error as { name?: unknown }).name !== 'KafkaJSNonRetriableError') throw error;
    }
  }

  private end(error: unknown): void {
    if (this.isClosed) return;
    void this.close();
    this.host.ended(this, error);
  }

  /** Looking for its coordinator is the first that kafkajs does to join again: the last moment to commit as before. */
  private watchJoining(cluster: KafkaCluster): void {
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (group) => {
      await this.host.leaving();
      const coordinator: Broker = await find(group).catch(async (error: unknown) => {
        // kafkajs does not say why there is none; where the group is not for this user, the broker does.
        const broker: Broker = await cluster.findControllerBroker();
        await broker.findGroupCoordinator?.({ ...group, coordinatorType: GROUP_COORDINATOR });
        throw error;
      });
      const memberId = this.lostMemberId;
      if (memberId !== null) await coordinator.leaveGroup?.({ ...group, memberId }).catch(() => {});
      this.lostMemberId = null;
      return coordinator;
    };
  }
}
