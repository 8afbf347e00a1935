import { SqltrailError } from '../runtime/errors.ts';
import type { Bus, BusRecord, GroupMember, OutgoingRecord, Subscription } from './bus.ts';
import { KafkaClient } from './kafka-client.ts';
import { KafkaMetadata, type TopicFacts } from './kafka-metadata.ts';
import type { KafkaBusOptions } from './kafka-options.ts';
import { KafkaReader } from './kafka-reader.ts';
import { KafkaSender, type SendUnit } from './kafka-sender.ts';
import { KafkaSubscription } from './kafka-subscription.ts';
import { closedError, KafkaTrouble } from './kafka-trouble.ts';
import { within } from './within.ts';

const COMMIT_MS = 1_000;
const SESSION_TIMEOUT_MS = 30_000;
const REBALANCE_TIMEOUT_MS = 60_000;
const CAUGHT_UP_POLL_MS = 50;
const ASKING_LIMIT_MS = 1_000;
/** What Kafka's format adds to the records of one partition, and to each of them, at most. */
const BATCH_OVERHEAD_BYTES = 128;
const RECORD_OVERHEAD_BYTES = 32;

/**
 * The bus on Apache Kafka. Calls wait while the brokers are away, until `close`; what no waiting heals (a refused login, a
 * missing topic or right) they throw within seconds. Records are compressed with LZ4; their size is looked at before that.
 */
export class KafkaBus implements Bus {
  private readonly options: KafkaBusOptions;
  private readonly client: KafkaClient;
  private readonly metadata: KafkaMetadata;
  private readonly reader: KafkaReader;
  private readonly sender: KafkaSender;
  private readonly trouble: KafkaTrouble;
  private readonly subscriptions = new Set<KafkaSubscription>();
  private isClosing = false;

  constructor(options: KafkaBusOptions) {
    const { brokers } = options.kafka;
    this.options = options;
    this.client = new KafkaClient(options.kafka);
    this.trouble = new KafkaTrouble(options.onTrouble);
    this.metadata = new KafkaMetadata(this.client, brokers);
    this.reader = new KafkaReader(this.client, brokers);
    this.sender = new KafkaSender(this.client, brokers, this.trouble);
  }

  /** What does not work at present; null when all is well. For a service's readiness. */
  get troubleNow(): SqltrailError | null {
    return this.trouble.now;
  }

  async partitions(topic: string): Promise<number> {
    return (await this.facts(topic)).partitions;
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return;
    let facts = await this.facts(topic);
    if (records.some(({ partition }) => !isPartition(partition, facts.partitions))) {
      // It may have been given more meanwhile.
      this.metadata.forget(topic);
      facts = await this.facts(topic);
      const unknown = records.find(({ partition }) => !isPartition(partition, facts.partitions));
      if (unknown !== undefined) throw new RangeError(`Topic ${topic} has no partition ${unknown.partition}.`);
    }
    const units = unitsOf(topic, records, facts.batchBytes);
    for (const unit of units) if (unit.bytes > facts.largestBatchBytes) throw tooLarge(unit, facts.largestBatchBytes);
    const results = await Promise.allSettled(units.map((unit) => this.sender.send(unit)));
    for (const result of results) {
      if (result.status === 'fulfilled') continue;
      this.metadata.forget(topic);
      throw result.reason;
    }
  }

  async subscribe(topics: readonly string[], group: string, member: GroupMember): Promise<Subscription> {
    for (const topic of topics) await this.facts(topic);
    if (this.isClosing) throw closedError(`consume as group ${group}`);
    const subscription = new KafkaSubscription(this.client, this.metadata, this.trouble, {
      topics,
      group,
      work: member.work ?? '',
      member,
      brokers: this.options.kafka.brokers,
      commitMs: this.options.commitMs ?? COMMIT_MS,
      sessionTimeoutMs: this.options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: this.options.rebalanceTimeoutMs ?? REBALANCE_TIMEOUT_MS,
    });
    this.subscriptions.add(subscription);
    const close = async () => {
      await subscription.close();
      this.subscriptions.delete(subscription);
    };
    try {
      await subscription.join();
      return { close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  async *read(topic: string, partition: number, fromOffset = 0): AsyncGenerator<readonly BusRecord[]> {
    const about = `read ${topic}`;
    const range = (await this.trouble.retry(about, () => this.metadata.offsets(topic)))[partition];
    if (range === undefined) throw new RangeError(`Topic ${topic} has no partition ${partition}.`);
    let next = Math.max(fromOffset, range.low);
    while (next < range.high) {
      const at = next;
      const records = await this.trouble.retry(about, () => this.reader.fetch(topic, partition, at));
      const last = records.at(-1);
      if (last === undefined) return;
      const wanted = last.offset < range.high ? records : records.filter((record) => record.offset < range.high);
      if (wanted.length > 0) yield wanted;
      next = last.offset + 1;
    }
  }

  async caughtUp(topic: string, group: string): Promise<void> {
    const about = `wait for group ${group}`;
    const targets = await this.trouble.retry(about, () => this.metadata.offsets(topic));
    for (;;) {
      const own = [...this.subscriptions].filter((subscription) => subscription.group === group);
      await Promise.all(own.map((subscription) => subscription.commit()));
      const standing = await this.trouble.retry(about, () => this.metadata.groupOffsets(group, topic));
      if (targets.every(({ low, high }, partition) => low === high || (standing[partition] ?? -1) >= high)) return;
      await this.trouble.pause(CAUGHT_UP_POLL_MS);
    }
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    this.subscriptions.clear();
    this.trouble.close();
    // Requests that only ask are not waited for: a broker that does not answer would hold up the end.
    const asking = within(ASKING_LIMIT_MS, Promise.all([this.reader.close(), this.metadata.close()]));
    await Promise.all([this.sender.close(), asking]);
    this.client.close();
  }

  private facts(topic: string): Promise<TopicFacts> {
    return this.trouble.retry(`see topic ${topic}`, () => this.metadata.topic(topic));
  }
}

function isPartition(partition: number, count: number): boolean {
  return Number.isInteger(partition) && partition >= 0 && partition < count;
}

function unitsOf(topic: string, records: readonly OutgoingRecord[], batchBytes: number): SendUnit[] {
  const groups = new Map<number, { records: OutgoingRecord[]; bytes: number }>();
  for (const record of records) {
    let group = groups.get(record.partition);
    if (group === undefined) {
      group = { records: [], bytes: BATCH_OVERHEAD_BYTES };
      groups.set(record.partition, group);
    }
    group.records.push(record);
    group.bytes += RECORD_OVERHEAD_BYTES + Buffer.byteLength(record.key ?? '') + (record.value?.length ?? 0);
  }
  return [...groups].map(([partition, group]) => ({ topic, partition, ...group, batchBytes }));
}

function tooLarge({ topic, bytes }: SendUnit, limit: number): SqltrailError {
  return new SqltrailError(
    'record_too_large',
    `Records of ${bytes} bytes for one partition of ${topic} are more than it takes at once (${limit}).`,
    'Raise max.message.bytes of the topic with `sqltrail topics apply`, or lower what is packed into a record.',
  );
}
