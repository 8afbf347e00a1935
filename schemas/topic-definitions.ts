import { betweenTopic, stateTopic, TOPIC } from './topics.ts';

/** How long and how often each topic is kept. Hours and counts are whole and at least 1. */
export interface TopicOptions {
  /** Of every topic that is partitioned by connection: the most processes of a group that can share its work. */
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Of everything that holds unmasked SQL. */
  readonly rawRetentionHours: number;
  readonly auditRetentionHours: number;
  readonly ledgerRetentionHours: number;
  readonly deadLetterRetentionHours: number;
  /** The kinds of processes there are, each a run of stages. */
  readonly chains: readonly TopicChain[];
}

/** What a run of stages in one process works with. */
export interface TopicChain {
  /** Consumer group. */
  readonly group: string;
  /** The topic it reads. */
  readonly input: string;
  /** The topic of its events; null: the store. */
  readonly output: string | null;
}

/** A topic as it should be. */
export interface TopicDefinition {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Its partition is that of the connection: one more partition would tear connections apart. */
  readonly isByConnection: boolean;
  /** Kafka's names and values. */
  readonly settings: Readonly<Record<string, string>>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MIB = 1024 * 1024;

/** Kafka's default. Batches of raw messages are at most 256 KiB, whatever a statement's length: it comes in fragments. */
const ORDINARY_BYTES = 1_048_588;
/** Small records, of which one cycle of a process may give very many at once. */
const CYCLE_BYTES = 16 * MIB;
/** All that changed in a second in one atomic batch; chunks of it are 512 KiB. */
const STATE_BYTES = 64 * MIB;
/**
 * One event is one line: a statement of 64 MiB is 86 MiB in base64 between stages, and names many tables behind mask. Below
 * what a broker takes in one request (`socket.request.max.bytes`, 100 MiB).
 */
const EVENT_BYTES = 96 * MIB;
/** Whoever reads a partition back meets all that its last owners wrote, a late write of one that lost it included. */
const COMPACTION_LAG_MS = 10 * MINUTE_MS;
/** Between stages before mask. */
const BEFORE_MASK: ReadonlySet<string> = new Set([betweenTopic('decode'), betweenTopic('identify')]);

/** Whether unmasked SQL rests in the topic: who may read it sees what the applications see. */
export function holdsUnmaskedSql(topic: string): boolean {
  return topic === TOPIC.messages || BEFORE_MASK.has(topic) || isStateTopic(topic);
}

/** Whether the topic is a changelog (`stateTopic`). */
export function isStateTopic(topic: string): boolean {
  return /^mysql\.state\..+\.v1$/.test(topic);
}

/** Every topic of a deployment, in the order in which they should be made. Pure: the same options give the same topics. */
export function topicDefinitions(options: TopicOptions): TopicDefinition[] {
  const { chains, partitions, replicationFactor } = options;
  const define = (name: string, settings: Record<string, string>): TopicDefinition => ({
    name,
    partitions: name === TOPIC.findings ? 1 : UNORDERED.has(name) ? Math.min(FEW_PARTITIONS, partitions) : partitions,
    replicationFactor,
    isByConnection: !UNORDERED.has(name),
    settings: { ...commonSettings(replicationFactor), ...settings },
  });
  const rawHours = options.rawRetentionHours;
  return [
    define(TOPIC.messages, kept(rawHours, ORDINARY_BYTES)),
    define(TOPIC.sessions, compacted(rawHours, ORDINARY_BYTES)),
    ...betweenTopics(chains).map((name) => define(name, kept(rawHours, EVENT_BYTES))),
    ...stateTopics(chains).map((name) => define(name, compacted(rawHours, STATE_BYTES))),
    define(TOPIC.audit, kept(options.auditRetentionHours, EVENT_BYTES)),
    define(TOPIC.findings, kept(options.auditRetentionHours, ORDINARY_BYTES)),
    define(TOPIC.ledger, kept(options.ledgerRetentionHours, CYCLE_BYTES)),
    define(TOPIC.deadLetter, kept(options.deadLetterRetentionHours, CYCLE_BYTES)),
  ];
}

/** Little traffic, and no order between their keys. */
// Findings have one partition: who alerts must see a campaign whole, and counts what a sink gets in a minute.
const UNORDERED: ReadonlySet<string> = new Set([TOPIC.sessions, TOPIC.findings, TOPIC.ledger, TOPIC.deadLetter]);
const FEW_PARTITIONS = 3;

/** What one kind of process writes for another. */
function betweenTopics(chains: readonly TopicChain[]): string[] {
  const topics = new Set(chains.flatMap(({ input, output }) => (output === null ? [input] : [input, output])));
  const named: ReadonlySet<string> = new Set(Object.values(TOPIC));
  return [...topics].filter((name) => !named.has(name));
}

function stateTopics(chains: readonly TopicChain[]): string[] {
  return [...new Set(chains.map(({ group }) => stateTopic(group)))];
}

function commonSettings(replicationFactor: number): Record<string, string> {
  return {
    // What the producer compressed stays as it is: the broker spends nothing on it.
    'compression.type': 'producer',
    // Retention by when the broker took it: a host with a wrong clock would have its records deleted at once, or never.
    'message.timestamp.type': 'LogAppendTime',
    // With three replicas one may be away and nothing that was acknowledged is lost with a second; with fewer there is no such choice.
    'min.insync.replicas': replicationFactor >= 3 ? '2' : '1',
    'unclean.leader.election.enable': 'false',
  };
}

function kept(hours: number, maxBytes: number): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(hours * HOUR_MS),
    // Kafka deletes whole segments only: a record outlives its retention by one segment at most.
    'segment.ms': String(HOUR_MS),
    'segment.bytes': String(SEGMENT_BYTES),
    'max.message.bytes': String(maxBytes),
  };
}

function compacted(hours: number, maxBytes: number): Record<string, string> {
  return {
    'cleanup.policy': 'compact',
    'min.compaction.lag.ms': String(COMPACTION_LAG_MS),
    // What was replaced or deleted rests no longer than raw records do.
    'max.compaction.lag.ms': String(hours * HOUR_MS),
    'delete.retention.ms': String(24 * HOUR_MS),
    // The part being written is not compacted: small segments keep the reading at assignment short.
    'segment.ms': String(HOUR_MS),
    'segment.bytes': String(STATE_SEGMENT_BYTES),
    'min.cleanable.dirty.ratio': '0.1',
    'max.message.bytes': String(maxBytes),
  };
}

/** Not smaller than the longest record, which a segment must hold whole. */
const SEGMENT_BYTES = 512 * MIB;
const STATE_SEGMENT_BYTES = 128 * MIB;
