import type { Bus, BusRecord, RecordHandler, Subscription } from './bus.ts';
import { PartitionLog } from './partition-log.ts';

/** The first pause before a redelivery; it doubles up to the longest. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

/** Consumer group on one topic: where each partition stands and who handles it. */
interface Group {
  readonly members: RecordHandler[];
  readonly committed: number[];
  /** The running delivery of each partition; null when it waits for records or members. */
  readonly pumps: (Promise<void> | null)[];
  readonly waiting: { targets: number[]; resolve: () => void }[];
}

interface Topic {
  readonly partitions: PartitionLog[];
  readonly groups: Map<string, Group>;
}

/**
 * The bus within one process: partitions in memory, bounded, nothing survives the process. A record is kept until every
 * group of its topic has committed it; a topic without any group keeps what fits and then makes producers wait.
 */
export class InProcessBus implements Bus {
  private readonly topics = new Map<string, Topic>();
  private readonly partitions: number;
  private readonly recordsPerPartition: number;
  private isClosed = false;

  /** @param recordsPerPartition Records a partition keeps at most before `send` waits. */
  constructor(options: { partitions: number; recordsPerPartition: number }) {
    this.partitions = options.partitions;
    this.recordsPerPartition = options.recordsPerPartition;
  }

  async send(topic: string, partition: number, key: string | null, value: Buffer): Promise<void> {
    const { partitions, groups } = this.topic(topic);
    const log = partitions[partition];
    if (log === undefined) throw new RangeError(`topic ${topic} has no partition ${partition}`);
    log.append({ topic, partition, offset: log.end, key, value });
    for (const group of groups.values()) this.pump(topic, group, partition);
    await log.roomFor();
  }

  subscribe(topicName: string, groupName: string, handler: RecordHandler): Promise<Subscription> {
    const topic = this.topic(topicName);
    let group = topic.groups.get(groupName);
    if (group === undefined) {
      group = {
        members: [],
        committed: topic.partitions.map((log) => log.start),
        pumps: topic.partitions.map(() => null),
        waiting: [],
      };
      topic.groups.set(groupName, group);
    }
    group.members.push(handler);
    const joined = group;
    for (let partition = 0; partition < topic.partitions.length; partition++) this.pump(topicName, joined, partition);
    return Promise.resolve({ close: () => this.leave(joined, handler) });
  }

  caughtUp(topicName: string, groupName: string): Promise<void> {
    const topic = this.topic(topicName);
    const group = topic.groups.get(groupName);
    const targets = topic.partitions.map((log) => log.end);
    if (group === undefined || targets.every((target, p) => group.committed[p]! >= target)) return Promise.resolve();
    return new Promise((resolve) => group.waiting.push({ targets, resolve }));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const topic of this.topics.values()) {
      for (const group of topic.groups.values()) {
        group.members.length = 0;
        await Promise.all(group.pumps);
      }
      for (const log of topic.partitions) log.release();
    }
  }

  private topic(name: string): Topic {
    let topic = this.topics.get(name);
    if (topic === undefined) {
      topic = {
        partitions: Array.from({ length: this.partitions }, () => new PartitionLog(this.recordsPerPartition)),
        groups: new Map(),
      };
      this.topics.set(name, topic);
    }
    return topic;
  }

  private async leave(group: Group, handler: RecordHandler): Promise<void> {
    const at = group.members.indexOf(handler);
    if (at >= 0) group.members.splice(at, 1);
    await Promise.all(group.pumps);
  }

  /** Starts the delivery of a partition to a group unless it runs already. One delivery at a time keeps the order. */
  private pump(topicName: string, group: Group, partition: number): void {
    if (group.pumps[partition] !== null || this.isClosed) return;
    group.pumps[partition] = this.deliver(topicName, group, partition).finally(() => {
      group.pumps[partition] = null;
      // A record or a member may have come while the last delivery ended.
      const log = this.topic(topicName).partitions[partition]!;
      if (group.members.length > 0 && group.committed[partition]! < log.end) this.pump(topicName, group, partition);
    });
  }

  private async deliver(topicName: string, group: Group, partition: number): Promise<void> {
    const topic = this.topic(topicName);
    const log = topic.partitions[partition]!;
    let pauseMs = FIRST_PAUSE_MS;
    // Lets `send` return before its record is handled, as a remote broker would.
    await Promise.resolve();
    while (group.members.length > 0) {
      const record: BusRecord | undefined = log.at(group.committed[partition]!);
      if (record === undefined) return;
      const handler = group.members[partition % group.members.length]!;
      try {
        await handler(record);
      } catch {
        // What failed is the handler's to report; here it only means: again.
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
        continue;
      }
      pauseMs = FIRST_PAUSE_MS;
      group.committed[partition] = record.offset + 1;
      log.dropBefore(Math.min(...[...topic.groups.values()].map((each) => each.committed[partition]!)));
      this.wake(group);
    }
  }

  private wake(group: Group): void {
    for (let i = group.waiting.length - 1; i >= 0; i--) {
      const { targets, resolve } = group.waiting[i]!;
      if (!targets.every((target, p) => group.committed[p]! >= target)) continue;
      group.waiting.splice(i, 1);
      resolve();
    }
  }
}
