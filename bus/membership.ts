import type { BusRecord, GroupMember, Position } from './bus.ts';
import { within } from './within.ts';

/** The pause before a failed member gets its partitions again: doubled up to the longest, the first again after a commit. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 5_000;

/** One partition in the hands of a member. */
export interface Task {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to deliver. */
  next: number;
  /** The first offset to deliver. */
  start: number;
  /** Where the group stands, as far as this member knows. */
  committed: number;
  /** True once `assigned` was called. */
  isKnown: boolean;
  /** False until `assigned` resolved, and for good once the partition is taken away. */
  isActive: boolean;
}

/** What a membership needs of its bus. */
export interface MembershipHost {
  /** Moves the group. @returns False when that was not possible; the next cycle does it. */
  commitOffsets(positions: readonly Position[]): Promise<boolean>;
  /** The member rejected: it has lost all partitions and is to get them again after the pause. */
  memberFailed(error: unknown, pauseMs: number): void;
}

/**
 * What every bus does with one member of a group: gives and takes its partitions, hands it records, runs its commits one
 * after another. No method rejects.
 */
export class Membership {
  private readonly member: GroupMember;
  private readonly host: MembershipHost;
  private tasks = new Map<string, Task>();
  /** Calls of each partition that have not settled: it is not given again before. */
  private readonly pending = new Map<string, Promise<unknown>>();
  private isReleasing = false;
  private cycle: Promise<void> | null = null;
  private nextCycle: Promise<void> | null = null;
  private pauseMs = FIRST_PAUSE_MS;

  constructor(member: GroupMember, host: MembershipHost) {
    this.member = member;
    this.host = host;
  }

  task(topic: string, partition: number): Task | undefined {
    return this.tasks.get(keyOf(topic, partition));
  }

  /**
   * Gives a partition.
   * @param groupOffset Where the group stands.
   * @returns The task to deliver to; null when the partition was taken away meanwhile or the member failed.
   */
  async give(topic: string, partition: number, groupOffset: number): Promise<Task | null> {
    const key = keyOf(topic, partition);
    const { tasks } = this;
    const task: Task = {
      topic,
      partition,
      next: groupOffset,
      start: groupOffset,
      committed: groupOffset,
      isKnown: false,
      isActive: false,
    };
    tasks.set(key, task);
    await this.pending.get(key);
    if (this.tasks !== tasks) return null;
    task.isKnown = true;
    try {
      const start = await this.track(key, this.member.assigned(topic, partition));
      if (this.tasks !== tasks) return null;
      if (start !== null) task.start = task.next = start;
    } catch (error) {
      if (this.tasks === tasks) this.fail(error);
      return null;
    }
    task.isActive = true;
    return task;
  }

  /** Hands over one record. @returns False when nothing more may be delivered to this task. */
  async deliver(task: Task, record: BusRecord): Promise<boolean> {
    if (!task.isActive || this.isReleasing) return false;
    try {
      const handling = this.member.handle(record);
      if (handling !== undefined) await this.track(keyOf(task.topic, task.partition), handling);
    } catch (error) {
      if (task.isActive) this.fail(error);
      return false;
    }
    if (!task.isActive) return false;
    task.next = record.offset + 1;
    return !this.isReleasing;
  }

  /** Resolves when a commit that began after this call is over, successful or not. */
  commit(): Promise<void> {
    if (this.cycle === null) {
      this.cycle = this.runCycle().finally(() => {
        this.cycle = null;
      });
      return this.cycle;
    }
    this.nextCycle ??= this.cycle.then(() => {
      this.nextCycle = null;
      return this.commit();
    });
    return this.nextCycle;
  }

  /** Takes all partitions away in order: no further record, those in hand to their end, a commit; for so long at most. */
  async release(limitMs: number): Promise<void> {
    const { tasks } = this;
    if (tasks.size > 0) {
      this.isReleasing = true;
      await within(
        limitMs,
        Promise.all(this.pending.values()).then(() => this.commit()),
      );
    }
    if (this.tasks === tasks) this.drop();
  }

  /** Takes all partitions away at once. */
  drop(): void {
    const { tasks } = this;
    this.tasks = new Map();
    this.isReleasing = false;
    for (const task of tasks.values()) {
      task.isActive = false;
      if (task.isKnown) this.member.revoked(task.topic, task.partition);
    }
  }

  private async runCycle(): Promise<void> {
    const { tasks } = this;
    if (tasks.size === 0) return;
    let positions: readonly Position[];
    try {
      positions = await this.member.commit();
    } catch (error) {
      if (this.tasks === tasks) this.fail(error);
      return;
    }
    // Whoever has the partitions now says where the group stands.
    if (this.tasks !== tasks) return;
    const moved = new Map<Task, Position>();
    for (const task of tasks.values()) {
      // A member that knows better than its group where to start moves the group there.
      if (task.isActive && task.start > task.committed)
        moved.set(task, { topic: task.topic, partition: task.partition, offset: task.start });
    }
    for (const position of positions) {
      const task = tasks.get(keyOf(position.topic, position.partition));
      if (task?.isActive) moved.set(task, position);
    }
    const changed = [...moved].filter(([task, position]) => position.offset !== task.committed);
    if (changed.length > 0) {
      if (!(await this.host.commitOffsets(changed.map(([, position]) => position)))) return;
      for (const [task, position] of changed) task.committed = position.offset;
    }
    this.pauseMs = FIRST_PAUSE_MS;
  }

  private fail(error: unknown): void {
    this.drop();
    this.host.memberFailed(error, this.pauseMs);
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2);
  }

  private async track<T>(key: string, call: Promise<T>): Promise<T> {
    const settled = call.then(ignore, ignore);
    this.pending.set(key, settled);
    try {
      return await call;
    } finally {
      if (this.pending.get(key) === settled) this.pending.delete(key);
    }
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function ignore(): void {}
