import type { BusRecord, GroupMember, Position } from './bus.ts';
import { Membership, type Task } from './membership.ts';
import type { PartitionLog } from './partition-log.ts';

/** How long a member may take to end what it has in hand when its partitions change hands. */
const RELEASE_LIMIT_MS = 10_000;

interface Entry {
  readonly topics: readonly string[];
  readonly work: string | undefined;
  readonly membership: Membership;
  readonly timer: NodeJS.Timeout;
  retry: NodeJS.Timeout | undefined;
  /** Partitions given to it; replaced when they are given anew. */
  owned: readonly { topic: string; partition: number }[];
}

interface Waiting {
  readonly topic: string;
  readonly targets: readonly number[];
  readonly resolve: () => void;
}

/** What a group needs of its bus. */
export interface GroupHost {
  logs(topic: string): readonly PartitionLog[];
  /** The group stands further in this partition. */
  committed(topic: string, partition: number): void;
}

/** One consumer group of the in-process bus: who has which partition, and where the group stands. */
export class InProcessGroup {
  private readonly host: GroupHost;
  private readonly commitMs: number;
  /** Handled records of a partition that make a commit due before its time. */
  private readonly commitRecords: number;
  private readonly entries: Entry[] = [];
  private readonly offsets = new Map<string, number[]>();
  private readonly pumping = new Set<Task>();
  private waiting: Waiting[] = [];
  /** Changes of the members, one after another. */
  private changing: Promise<void> = Promise.resolve();

  constructor(host: GroupHost, options: { commitMs: number; commitRecords: number }) {
    this.host = host;
    this.commitMs = options.commitMs;
    this.commitRecords = options.commitRecords;
  }

  /** Where the group stands in each partition; null for a topic it does not read. */
  standing(topic: string): readonly number[] | null {
    return this.offsets.get(topic) ?? null;
  }

  reads(topic: string): void {
    if (!this.offsets.has(topic)) {
      const logs = this.host.logs(topic);
      this.offsets.set(
        topic,
        logs.map((log) => log.start),
      );
    }
  }

  /** @returns What ends the membership; null where the members do other work. */
  async join(topics: readonly string[], member: GroupMember): Promise<(() => Promise<void>) | null> {
    if (this.entries.some(({ work }) => work !== member.work)) return null;
    for (const topic of topics) this.reads(topic);
    const membership = new Membership(member, {
      commitOffsets: (positions) => Promise.resolve(this.commitOffsets(positions)),
      memberFailed: (_error, pauseMs) => {
        const { owned } = entry;
        entry.retry = setTimeout(() => {
          if (entry.owned === owned) this.giveAll(entry);
        }, pauseMs);
      },
    });
    const timer = setInterval(() => void membership.commit(), this.commitMs);
    const entry: Entry = { topics, work: member.work, membership, timer, retry: undefined, owned: [] };
    await this.change(() => this.entries.push(entry));
    return () =>
      this.change(() => {
        const at = this.entries.indexOf(entry);
        if (at >= 0) this.entries.splice(at, 1);
        clearInterval(entry.timer);
        clearTimeout(entry.retry);
        entry.owned = [];
      });
  }

  /** A record came. */
  wake(topic: string, partition: number): void {
    for (const entry of this.entries) {
      const task = entry.membership.task(topic, partition);
      if (task?.isActive) this.pump(entry, task);
    }
  }

  caughtUp(topic: string): Promise<void> {
    this.reads(topic);
    const targets = this.host.logs(topic).map((log) => log.end);
    return new Promise((resolve) => {
      this.waiting.push({ topic, targets, resolve });
      this.settleWaiting();
      for (const entry of this.entries) void entry.membership.commit();
    });
  }

  /** Ends every membership without giving its partitions to another. */
  close(): Promise<void> {
    return this.change(() => {
      for (const entry of this.entries.splice(0)) {
        clearInterval(entry.timer);
        clearTimeout(entry.retry);
        entry.owned = [];
      }
    });
  }

  private change(apply: () => void): Promise<void> {
    this.changing = this.changing.then(async () => {
      await Promise.all(this.entries.map((entry) => entry.membership.release(RELEASE_LIMIT_MS)));
      apply();
      for (const entry of this.entries) {
        clearTimeout(entry.retry);
        entry.owned = this.shareOf(entry);
        this.giveAll(entry);
      }
    });
    return this.changing;
  }

  private shareOf(entry: Entry): { topic: string; partition: number }[] {
    return entry.topics.flatMap((topic) => {
      const readers = this.entries.filter((each) => each.topics.includes(topic));
      return this.host
        .logs(topic)
        .map((_log, partition) => ({ topic, partition }))
        .filter(({ partition }) => readers[partition % readers.length] === entry);
    });
  }

  private giveAll(entry: Entry): void {
    for (const { topic, partition } of entry.owned) {
      void entry.membership.give(topic, partition, this.offsets.get(topic)![partition]!).then((task) => {
        if (task !== null) this.pump(entry, task);
      });
    }
  }

  private pump(entry: Entry, task: Task): void {
    if (this.pumping.has(task)) return;
    this.pumping.add(task);
    void this.deliver(entry, task);
  }

  private async deliver(entry: Entry, task: Task): Promise<void> {
    const log = this.host.logs(task.topic)[task.partition]!;
    // Lets `send` return before its record is handled, as a remote broker would.
    await Promise.resolve();
    let record: BusRecord | undefined = log.at(task.next);
    while (record !== undefined && (await entry.membership.deliver(task, record))) {
      record = log.at(task.next);
      const isWaitedFor = record === undefined && this.waiting.length > 0;
      if (isWaitedFor || task.next - task.committed >= this.commitRecords) void entry.membership.commit();
    }
    this.pumping.delete(task);
  }

  private commitOffsets(positions: readonly Position[]): boolean {
    for (const { topic, partition, offset } of positions) {
      const offsets = this.offsets.get(topic);
      if (offsets?.[partition] === undefined) continue;
      offsets[partition] = offset;
      this.host.committed(topic, partition);
    }
    this.settleWaiting();
    return true;
  }

  private settleWaiting(): void {
    this.waiting = this.waiting.filter(({ topic, targets, resolve }) => {
      const offsets = this.offsets.get(topic)!;
      if (!targets.every((target, partition) => offsets[partition]! >= target)) return true;
      resolve();
      return false;
    });
  }
}
