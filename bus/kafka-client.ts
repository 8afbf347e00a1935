import kafkajs, { type Admin, type Consumer, type Kafka, type logCreator, type Producer } from 'kafkajs';
import { takeLargeBatches } from './kafka-fetch-decoder.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { calmRequestQueues } from './kafka-request-queue.ts';
import { KafkaSockets } from './kafka-sockets.ts';
import { lz4Codec } from './lz4-codec.ts';
import { snappyCodec } from './snappy-codec.ts';
import { zstdCodec } from './zstd-codec.ts';

export type { Admin, Consumer, EachBatchPayload, Producer } from 'kafkajs';

/** kafkajs gives up after 1 s by default, which a broker that starts or collects garbage needs alone. */
const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** About two seconds until the caller hears of it and decides. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4 };
/** Fetches come back after this with nothing: also how soon a partition that was paused is fetched again. */
const FETCH_WAIT_MS = 100;
/** Members learn of others that come and go by their heartbeats. */
const HEARTBEAT_MS = 1_000;
/** Audit lines grow tenfold when they are unpacked, and each partition may have as much again under way. */
const PARTITION_FETCH_BYTES = 128 * 1024;
const FETCH_BYTES = 4 * 1_048_576;

/** Partitions as a member's assigner sees them: kafkajs gives its cluster only there. */
export type KafkaCluster = Parameters<typeof kafkajs.PartitionAssigners.roundRobin>[0]['cluster'];

// kafkajs brings gzip. A batch of a codec that is missing would end the consumer again and again.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => lz4Codec;
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] = () => snappyCodec;
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => zstdCodec;

takeLargeBatches();
calmRequestQueues();

/** What kafkajs logs it throws as well, or emits as an event; its lines would only be in the way of standard output. */
const silent: logCreator = () => () => {};

/** The one place that knows how kafkajs wants its options. */
export class KafkaClient {
  private readonly kafka: Kafka;
  private readonly sockets = new KafkaSockets();

  constructor(options: KafkaOptions) {
    const { tls, sasl } = options;
    this.kafka = new kafkajs.Kafka({
      brokers: [...options.brokers],
      clientId: options.clientId,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry: RETRY,
      logCreator: silent,
      socketFactory: this.sockets.create,
      ...(tls && {
        ssl: {
          ...(tls.ca !== undefined && { ca: tls.ca }),
          ...(tls.cert !== undefined && { cert: tls.cert }),
          ...(tls.key !== undefined && { key: tls.key }),
          ...(tls.serverName !== undefined && { servername: tls.serverName }),
        },
      }),
      ...(sasl && { sasl: saslOptions(sasl) }),
    });
  }

  /** The last call, when all that was made here is disconnected: ends what is left of connections, and what still looks for one. */
  close(): void {
    this.sockets.cut();
  }

  admin(): Admin {
    return this.kafka.admin();
  }

  /** Idempotent, so that what kafkajs sends again itself is kept once. */
  producer(): Producer {
    return this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Defaults of its own do not reach an idempotent producer: it would retry for ever, silently.
      retry: RETRY,
    });
  }

  /**
   * @param options `work`: members of a group that name another are refused by the brokers, which want one name in common.
   * @param onCluster Gets the consumer's view of the cluster, at once.
   */
  consumer(
    group: string,
    options: { work: string; sessionTimeoutMs: number; rebalanceTimeoutMs: number },
    onCluster: (cluster: KafkaCluster) => void,
  ): Consumer {
    return this.kafka.consumer({
      groupId: group,
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout: options.rebalanceTimeoutMs,
      heartbeatInterval: Math.min(HEARTBEAT_MS, Math.floor(options.sessionTimeoutMs / 4)),
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: PARTITION_FETCH_BYTES,
      maxBytes: FETCH_BYTES,
      allowAutoTopicCreation: false,
      // The subscription starts a new consumer itself, which also hears of what is not to be retried.
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
      partitionAssigners: [
        (config) => {
          onCluster(config.cluster);
          return { ...kafkajs.PartitionAssigners.roundRobin(config), name: `sqltrail ${options.work}` };
        },
      ],
    });
  }
}

export const LZ4 = kafkajs.CompressionTypes.LZ4;
export const TOPIC_RESOURCE = kafkajs.ConfigResourceTypes.TOPIC;
/** Kafka's numbers for rights. */
export const ACL = {
  resources: kafkajs.AclResourceTypes,
  patterns: kafkajs.ResourcePatternTypes,
  operations: kafkajs.AclOperationTypes,
  permissions: kafkajs.AclPermissionTypes,
} as const;

function saslOptions(sasl: NonNullable<KafkaOptions['sasl']>) {
  const { mechanism, username, password } = sasl;
  // One literal each, since kafkajs types them apart.
  if (mechanism === 'plain') return { mechanism, username, password };
  if (mechanism === 'scram-sha-256') return { mechanism, username, password };
  return { mechanism, username, password };
}
