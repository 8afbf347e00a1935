import { type Admin, type KafkaClient, TOPIC_RESOURCE } from './kafka-client.ts';
import { kafkaError } from './kafka-errors.ts';

/** What is asked of the brokers about a topic is believed so long. */
const BELIEVED_MS = 60_000;
/** Kafka's own default of max.message.bytes, for a user who may not see the setting. */
const DEFAULT_BATCH_BYTES = 1_048_588;
/** Brokers close the connection on a request of 100 MiB (socket.request.max.bytes), which looks as if they were away. */
const LARGEST_BATCH_BYTES = 96 * 1_048_576;

/** What a producer needs to know of a topic. */
export interface TopicFacts {
  readonly partitions: number;
  /** What the records of one partition in one request may take, where they may as well go in several. */
  readonly batchBytes: number;
  /** And where they may not: the same, but for a user who may not see the setting. There the brokers decide. */
  readonly largestBatchBytes: number;
}

/** Answers about topics and groups, over a connection that is made anew when it broke. Throws SqltrailErrors. */
export class KafkaMetadata {
  private readonly client: KafkaClient;
  private readonly brokers: readonly string[];
  private admin: Promise<Admin> | null = null;
  private readonly facts = new Map<string, { facts: Promise<TopicFacts>; untilMs: number }>();

  constructor(client: KafkaClient, brokers: readonly string[]) {
    this.client = client;
    this.brokers = brokers;
  }

  /** @throws SqltrailError `topic_missing`. */
  topic(topic: string): Promise<TopicFacts> {
    const known = this.facts.get(topic);
    if (known !== undefined && known.untilMs > Date.now()) return known.facts;
    const facts = this.askTopic(topic);
    const entry = { facts, untilMs: Date.now() + BELIEVED_MS };
    this.facts.set(topic, entry);
    facts.catch(() => {
      if (this.facts.get(topic) === entry) this.facts.delete(topic);
    });
    return facts;
  }

  /** The next question about the topic goes to the brokers. */
  forget(topic: string): void {
    this.facts.delete(topic);
  }

  /** The oldest offset of each partition, and the one of the next record to come. */
  async offsets(topic: string): Promise<{ low: number; high: number }[]> {
    const found = await this.ask(`see the offsets of ${topic}`, (admin) => admin.fetchTopicOffsets(topic));
    return found
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ low, high }) => ({ low: Number(low), high: Number(high) }));
  }

  /** Where a group stands in each partition of the topic; -1 where it has committed nothing. */
  async groupOffsets(group: string, topic: string): Promise<number[]> {
    const found = await this.ask(`see the offsets of group ${group}`, (admin) =>
      admin.fetchOffsets({ groupId: group, topics: [topic] }),
    );
    return (found[0]?.partitions ?? [])
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ offset }) => Number(offset));
  }

  async close(): Promise<void> {
    const { admin } = this;
    this.admin = null;
    await admin?.then((each) => each.disconnect()).catch(() => {});
  }

  private async askTopic(topic: string): Promise<TopicFacts> {
    const { topics } = await this.ask(`see topic ${topic}`, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    const partitions = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
    const known = await this.maxMessageBytes(topic);
    const largestBatchBytes = Math.min(known ?? LARGEST_BATCH_BYTES, LARGEST_BATCH_BYTES);
    return { partitions, batchBytes: Math.min(known ?? DEFAULT_BATCH_BYTES, largestBatchBytes), largestBatchBytes };
  }

  private async maxMessageBytes(topic: string): Promise<number | null> {
    try {
      const { resources } = await this.ask(`see the settings of ${topic}`, (admin) =>
        admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: TOPIC_RESOURCE, name: topic, configNames: ['max.message.bytes'] }],
        }),
      );
      return Number(resources[0]?.configEntries[0]?.configValue) || null;
    } catch (error) {
      if (kafkaError(error, '', []).code === 'bus_denied') return null;
      throw error;
    }
  }

  private async ask<T>(about: string, call: (admin: Admin) => Promise<T>): Promise<T> {
    this.admin ??= this.connect();
    const used = this.admin;
    try {
      return await call(await used);
    } catch (error) {
      const known = kafkaError(error, about, this.brokers);
      // A broken connection is not mended by kafkajs in every case.
      if (known.retriable && this.admin === used) await this.close();
      throw known;
    }
  }

  private async connect(): Promise<Admin> {
    const admin = this.client.admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      this.admin = null;
      await admin.disconnect().catch(() => {});
      throw error;
    }
  }
}
