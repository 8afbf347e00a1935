import { setTimeout as sleep } from 'node:timers/promises';
import { SqltrailError } from '../runtime/errors.ts';
import { type Admin, KafkaClient, TOPIC_RESOURCE } from './kafka-client.ts';
import { kafkaError } from './kafka-errors.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { addGrants, type Grant, readGrants } from './kafka-rights.ts';

/** A topic as the brokers have it. */
export interface TopicDescription {
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Every setting with the value in force, defaults included. */
  readonly settings: ReadonlyMap<string, string>;
  /** No partition holds a record. */
  readonly isEmpty: boolean;
}

/** A topic to be. */
export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** How long a new topic may take until a broker leads each of its partitions. */
const LEADER_LIMIT_MS = 30_000;
const LEADER_POLL_MS = 200;
/** Kafka's name for "set on this topic", apart from what the broker's configuration says. */
const SET_ON_TOPIC = 1;

/** Topics at the brokers: what `sqltrail topics` looks at and changes. Every method throws SqltrailErrors. */
export class KafkaAdmin {
  private readonly admin: Admin;
  private readonly brokers: readonly string[];

  private constructor(admin: Admin, brokers: readonly string[]) {
    this.admin = admin;
    this.brokers = brokers;
  }

  /** @throws SqltrailError `bus_unreachable`, `bus_denied`, after some seconds. */
  static async connect(options: KafkaOptions): Promise<KafkaAdmin> {
    const admin = new KafkaClient(options).admin();
    const connected = new KafkaAdmin(admin, options.brokers);
    try {
      await connected.try('connect', () => admin.connect());
    } catch (error) {
      await connected.close();
      throw error;
    }
    return connected;
  }

  /** The topics among these that exist (and that this user may see). */
  async describe(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    const existing = new Set(await this.try('list topics', () => this.admin.listTopics()));
    const topics = names.filter((name) => existing.has(name));
    const found = new Map<string, TopicDescription>();
    if (topics.length === 0) return found;
    const metadata = await this.try('describe topics', () => this.admin.fetchTopicMetadata({ topics }));
    const settings = await this.settings(topics);
    for (const { name, partitions } of metadata.topics) {
      const offsets = await this.try(`see the offsets of ${name}`, () => this.admin.fetchTopicOffsets(name));
      found.set(name, {
        partitions: partitions.length,
        replicationFactor: partitions[0]?.replicas.length ?? 0,
        settings: new Map((settings.get(name) ?? []).map((entry) => [entry.name, entry.value])),
        isEmpty: offsets.every(({ low, high }) => low === high),
      });
    }
    return found;
  }

  /** How many brokers are up: no topic can have more replicas. */
  async brokerCount(): Promise<number> {
    const { brokers } = await this.try('describe the cluster', () => this.admin.describeCluster());
    return brokers.length;
  }

  /** Done once the topic can be written to. One that is there already stays as it is. */
  async create(topic: NewTopic): Promise<void> {
    const { name, partitions, replicationFactor, settings } = topic;
    await this.try(`create ${name}`, () =>
      this.admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            topic: name,
            numPartitions: partitions,
            replicationFactor,
            configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
          },
        ],
      }),
    );
    await this.untilLed(name);
  }

  /** @param count How many there are to be. Keys then go to other partitions than before. */
  async addPartitions(topic: string, count: number): Promise<void> {
    await this.try(`add partitions to ${topic}`, () =>
      this.admin.createPartitions({ topicPartitions: [{ topic, count }] }),
    );
  }

  /** Sets these; what else is set on the topic stays. */
  async changeSettings(topic: string, changes: Readonly<Record<string, string>>): Promise<void> {
    // The request of this name replaces all that is set.
    const now = (await this.settings([topic])).get(topic) ?? [];
    const all = new Map(now.filter((entry) => entry.isOnTopic).map((entry) => [entry.name, entry.value]));
    for (const [name, value] of Object.entries(changes)) all.set(name, value);
    const configEntries = [...all].map(([name, value]) => ({ name, value }));
    await this.try(`change the settings of ${topic}`, () =>
      this.admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: TOPIC_RESOURCE, name: topic, configEntries }],
      }),
    );
  }

  /** Everything that is allowed on topics and groups. @throws SqltrailError `bus_denied` also where the brokers have no authorizer. */
  grants(): Promise<readonly Grant[]> {
    return this.try('see who may do what', () => readGrants(this.admin));
  }

  /** Allows these as well. @param grants Not empty. */
  async allow(grants: readonly Grant[]): Promise<void> {
    await this.try('give rights on topics', () => addGrants(this.admin, grants));
  }

  async close(): Promise<void> {
    // What is left of a broken connection is nobody's concern any more.
    await this.admin.disconnect().catch(() => {});
  }

  /** A broker may not have heard of a new topic yet and say that there is none, for seconds where it is busy. */
  private async untilLed(name: string): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += LEADER_POLL_MS) {
      try {
        const { topics } = await this.try(`create ${name}`, () => this.admin.fetchTopicMetadata({ topics: [name] }));
        if (topics[0]?.partitions.every(({ leader }) => leader >= 0)) return;
      } catch (error) {
        if (!(error instanceof SqltrailError) || error.code !== 'topic_missing' || waitedMs >= LEADER_LIMIT_MS)
          throw error;
      }
      if (waitedMs >= LEADER_LIMIT_MS)
        throw new SqltrailError('bus_failed', `No broker leads ${name} yet.`, 'See the brokers’ logs.', {
          retriable: true,
        });
      await sleep(LEADER_POLL_MS);
    }
  }

  private async settings(
    topics: readonly string[],
  ): Promise<Map<string, { name: string; value: string; isOnTopic: boolean }[]>> {
    const { resources } = await this.try('describe the settings of topics', () =>
      this.admin.describeConfigs({
        includeSynonyms: false,
        resources: topics.map((name) => ({ type: TOPIC_RESOURCE, name })),
      }),
    );
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        configEntries.map((entry) => ({
          name: entry.configName,
          value: entry.configValue,
          isOnTopic: Number(entry.configSource) === SET_ON_TOPIC,
        })),
      ]),
    );
  }

  private async try<T>(about: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw kafkaError(error, about, this.brokers);
    }
  }
}
