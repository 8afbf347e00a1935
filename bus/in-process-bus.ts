import type { Bus, BusRecord, GroupMember, OutgoingRecord, Subscription } from './bus.ts';
import { InProcessGroup } from './in-process-group.ts';
import { otherWork } from './other-work.ts';
import { PartitionLog } from './partition-log.ts';

const COMMIT_MS = 1_000;

/**
 * The bus within one process: partitions in memory, bounded, nothing survives the process. A topic is made on first use. A
 * record is kept until every group of its topic has committed it; a topic without any group keeps what fits, and then
 * producers wait.
 */
export class InProcessBus implements Bus {
  private readonly topics = new Map<string, readonly PartitionLog[]>();
  private readonly groups = new Map<string, InProcessGroup>();
  private readonly partitionCount: number;
  private readonly recordsPerPartition: number;
  private readonly commitMs: number;

  /**
   * @param recordsPerPartition Records a partition keeps at most before `send` waits.
   * @param commitMs Between commits; a partition that is half full with handled records is committed at once.
   */
  constructor(options: { partitions: number; recordsPerPartition: number; commitMs?: number }) {
    this.partitionCount = options.partitions;
    this.recordsPerPartition = options.recordsPerPartition;
    this.commitMs = options.commitMs ?? COMMIT_MS;
  }

  partitions(): Promise<number> {
    return Promise.resolve(this.partitionCount);
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const logs = this.logs(topic);
    for (const { partition } of records) {
      if (logs[partition] === undefined) throw new RangeError(`Topic ${topic} has no partition ${partition}.`);
    }
    const touched = new Set<number>();
    const timeMs = Date.now();
    for (const { partition, key, value } of records) {
      const log = logs[partition]!;
      log.append({ topic, partition, offset: log.end, key, value, timeMs });
      touched.add(partition);
    }
    for (const partition of touched) {
      for (const group of this.groups.values()) group.wake(topic, partition);
    }
    for (const partition of touched) await logs[partition]!.roomFor();
  }

  async subscribe(topics: readonly string[], group: string, member: GroupMember): Promise<Subscription> {
    const close = await this.group(group).join(topics, member);
    if (close === null) throw otherWork(`consume as group ${group}`);
    return { close };
  }

  async *read(topic: string, partition: number, fromOffset = 0): AsyncGenerator<readonly BusRecord[]> {
    const log = this.logs(topic)[partition];
    if (log === undefined) throw new RangeError(`Topic ${topic} has no partition ${partition}.`);
    const records = log.from(fromOffset);
    if (records.length > 0) yield records;
  }

  caughtUp(topic: string, group: string): Promise<void> {
    return this.group(group).caughtUp(topic);
  }

  async close(): Promise<void> {
    await Promise.all([...this.groups.values()].map((group) => group.close()));
    for (const logs of this.topics.values()) for (const log of logs) log.close();
  }

  private logs(topic: string): readonly PartitionLog[] {
    let logs = this.topics.get(topic);
    if (logs === undefined) {
      logs = Array.from({ length: this.partitionCount }, () => new PartitionLog(this.recordsPerPartition));
      this.topics.set(topic, logs);
    }
    return logs;
  }

  private group(name: string): InProcessGroup {
    let group = this.groups.get(name);
    if (group === undefined) {
      const host = {
        logs: (topic: string) => this.logs(topic),
        committed: (topic: string, partition: number) => this.free(topic, partition),
      };
      const commitRecords = Math.max(1, Math.floor(this.recordsPerPartition / 2));
      group = new InProcessGroup(host, { commitMs: this.commitMs, commitRecords });
      this.groups.set(name, group);
    }
    return group;
  }

  /** Forgets what all groups of the topic have behind them. */
  private free(topic: string, partition: number): void {
    let least = Number.POSITIVE_INFINITY;
    for (const group of this.groups.values()) {
      least = Math.min(least, group.standing(topic)?.[partition] ?? Number.POSITIVE_INFINITY);
    }
    if (Number.isFinite(least)) this.logs(topic)[partition]!.dropBefore(least);
  }
}
