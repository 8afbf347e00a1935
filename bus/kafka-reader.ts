import type { BusRecord } from './bus.ts';
import { busRecord, type FetchedMessage } from './bus-record.ts';
import type { Consumer, KafkaClient, KafkaCluster } from './kafka-client.ts';
import { kafkaError } from './kafka-errors.ts';

const FETCH_BYTES = 4 * 1_048_576;
const FETCH_WAIT_MS = 500;
/** Batches of which compaction left nothing; a partition ends in one at most. */
const EMPTY_FETCHES = 3;
const READ_COMMITTED = 1;

interface Connected {
  readonly consumer: Consumer;
  readonly cluster: KafkaCluster;
}

/** What a fetch comes to, as far as it is read here; kafkajs does not say in its types. */
interface FetchResponse {
  readonly responses: readonly { partitions: readonly { messages: readonly FetchedMessage[] }[] }[];
}

/**
 * Fetches from single partitions without any group. It uses the connections of a consumer that never joins: through its
 * assigner kafkajs gives access to its brokers, and a group would cost a coordinator's round trips and a right of its own.
 */
export class KafkaReader {
  private readonly client: KafkaClient;
  private readonly brokers: readonly string[];
  private connected: Promise<Connected> | null = null;

  constructor(client: KafkaClient, brokers: readonly string[]) {
    this.client = client;
    this.brokers = brokers;
  }

  /**
   * Some of the records from this offset on, upwards; none where nothing is kept between it and the end.
   * @throws SqltrailError
   */
  async fetch(topic: string, partition: number, offset: number): Promise<readonly BusRecord[]> {
    this.connected ??= this.connect();
    const used = this.connected;
    try {
      const { cluster } = await used;
      await cluster.addMultipleTargetTopics([topic]);
      for (let empty = 0; empty < EMPTY_FETCHES; empty++) {
        const messages = await this.fetchOnce(cluster, topic, partition, offset);
        const records = messages.map((message) => busRecord(topic, partition, message));
        const wanted = records.filter((record) => record.offset >= offset);
        if (wanted.length > 0) return wanted;
      }
      return [];
    } catch (error) {
      if (this.connected === used) await this.close();
      throw kafkaError(error, `read ${topic}`, this.brokers);
    }
  }

  async close(): Promise<void> {
    const { connected } = this;
    this.connected = null;
    await connected?.then(({ consumer }) => consumer.disconnect()).catch(() => {});
  }

  private async fetchOnce(
    cluster: KafkaCluster,
    topic: string,
    partition: number,
    offset: number,
  ): Promise<readonly FetchedMessage[]> {
    const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    const broker = await cluster.findBroker({ nodeId: leader ?? '' });
    const { responses } = (await broker.fetch({
      maxWaitTime: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      isolationLevel: READ_COMMITTED,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES }] }],
    })) as FetchResponse;
    return (responses[0]?.partitions[0]?.messages ?? []).filter((message) => !message.isControlRecord);
  }

  private async connect(): Promise<Connected> {
    let cluster: KafkaCluster | undefined;
    const timeouts = { work: '', sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 60_000 };
    const consumer = this.client.consumer('sqltrail.reader', timeouts, (given) => {
      cluster = given;
    });
    if (cluster === undefined) throw new Error('kafkajs made its assigners later than at once');
    try {
      await consumer.connect();
    } catch (error) {
      await consumer.disconnect().catch(() => {});
      throw error;
    }
    return { consumer, cluster };
  }
}
