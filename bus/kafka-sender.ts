import type { OutgoingRecord } from './bus.ts';
import { type KafkaClient, LZ4, type Producer } from './kafka-client.ts';
import { isCorruptMessage, kafkaError, recordsRefused } from './kafka-errors.ts';
import { closedError, type KafkaTrouble } from './kafka-trouble.ts';

/** One request holds no more, but for a single larger batch: brokers close the connection on 100 MiB. */
const REQUEST_BYTES = 32 * 1_048_576;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** So often the same records are found damaged before they count as such; kafkajs repeats each of these itself. */
const CORRUPT_LIMIT = 3;

/** Records of one call for one partition: kept all or none. */
export interface SendUnit {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  /** What the units of this partition may take together in one request. */
  readonly batchBytes: number;
}

interface Waiting {
  readonly unit: SendUnit;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends one request at a time with what has gathered meanwhile, so that many callers cost one round trip. The producer is
 * idempotent; after any failure it is replaced, since what became of its last request is unknown and its numbering with it:
 * the repetition may then be kept twice.
 */
export class KafkaSender {
  private readonly client: Pick<KafkaClient, 'producer'>;
  private readonly brokers: readonly string[];
  private readonly trouble: KafkaTrouble;
  private producer: Promise<Producer> | null = null;
  private queue: Waiting[] = [];
  private sending: Promise<void> = Promise.resolve();
  private isSending = false;
  /** Units at the head of the queue that go alone, for one of them was refused. */
  private alone = 0;

  constructor(client: Pick<KafkaClient, 'producer'>, brokers: readonly string[], trouble: KafkaTrouble) {
    this.client = client;
    this.brokers = brokers;
    this.trouble = trouble;
  }

  /** Resolves once the unit is kept. */
  send(unit: SendUnit): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue.push({ unit, resolve, reject });
      if (!this.isSending) this.sending = this.sendAll();
    });
  }

  /** What is under way gets an answer first; what waits is rejected. To be called when the trouble's retries have ended. */
  async close(): Promise<void> {
    await this.sending;
    await this.dropProducer();
  }

  private async sendAll(): Promise<void> {
    this.isSending = true;
    // The other units of the same call are to be in the same request.
    await Promise.resolve();
    let pauseMs = FIRST_PAUSE_MS;
    let corrupt = 0;
    while (this.queue.length > 0) {
      const request = this.take();
      const about = `send to ${[...new Set(request.map(({ unit }) => unit.topic))].join(', ')}`;
      if (this.trouble.isClosed) {
        for (const { reject } of request) reject(closedError(about));
        continue;
      }
      try {
        await this.produce(request.map(({ unit }) => unit));
        for (const { resolve } of request) resolve();
        this.trouble.over('send');
        pauseMs = FIRST_PAUSE_MS;
        corrupt = 0;
      } catch (error) {
        await this.dropProducer();
        let known = kafkaError(error, about, this.brokers);
        corrupt = isCorruptMessage(error) ? corrupt + 1 : 0;
        if (corrupt >= CORRUPT_LIMIT) known = recordsRefused('CORRUPT_MESSAGE', about, error);
        if (known.retriable) {
          this.queue.unshift(...request);
          this.trouble.report('send', known);
          await this.trouble.pause(pauseMs);
          pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
        } else if (request.length > 1) {
          this.queue.unshift(...request);
          this.alone = request.length;
        } else {
          request[0]!.reject(known);
          this.trouble.over('send');
          corrupt = 0;
        }
      }
    }
    this.isSending = false;
  }

  /** The head of the queue, as much as one request may hold, in order for each partition. */
  private take(): Waiting[] {
    if (this.alone > 0) {
      this.alone--;
      return this.queue.splice(0, 1);
    }
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    const batches = new Map<string, number>();
    let bytes = 0;
    for (const waiting of this.queue) {
      const { unit } = waiting;
      const key = `${unit.topic}/${unit.partition}`;
      const before = batches.get(key) ?? 0;
      const isFull = bytes > 0 && bytes + unit.bytes > REQUEST_BYTES;
      if (isFull || (before > 0 && before + unit.bytes > unit.batchBytes)) {
        // Nothing of this partition may go before this one.
        batches.set(key, Number.POSITIVE_INFINITY);
        left.push(waiting);
        continue;
      }
      batches.set(key, before + unit.bytes);
      bytes += unit.bytes;
      taken.push(waiting);
    }
    this.queue = left;
    return taken;
  }

  private async produce(units: readonly SendUnit[]): Promise<void> {
    const topics = new Map<string, { topic: string; messages: OutgoingRecord[] }>();
    for (const { topic, records } of units) {
      const messages = topics.get(topic) ?? { topic, messages: [] };
      for (const record of records) messages.messages.push(record);
      topics.set(topic, messages);
    }
    this.producer ??= this.connect();
    const producer = await this.producer;
    await producer.sendBatch({ acks: -1, compression: LZ4, topicMessages: [...topics.values()] });
  }

  private async connect(): Promise<Producer> {
    const producer = this.client.producer();
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => {});
      throw error;
    }
  }

  private async dropProducer(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    await producer?.then((each) => each.disconnect()).catch(() => {});
  }
}
