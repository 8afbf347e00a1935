import type { BusRecord, GroupMember, Position } from '../../bus/bus.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Severity } from '../../schemas/finding.ts';
import type { AlertBooks } from './alert-books.ts';
import { AlertKeeper } from './alert-keeper.ts';
import type { AlertRules } from './alert-rules.ts';
import type { AlertState } from './alert-state.ts';
import { AlertTask } from './alert-task.ts';
import type { Delivery } from './delivery-book.ts';
import type { SinkGate } from './sink-gate.ts';
import type { SinkQueue } from './sink-queue.ts';

/** What a member works with. */
export interface AlertParts {
  readonly rules: AlertRules;
  readonly books: AlertBooks;
  /** By the sinks' names; as many as queues. */
  readonly gates: ReadonlyMap<string, SinkGate>;
  readonly queues: ReadonlyMap<string, SinkQueue>;
  readonly stateOf: (topic: string, partition: number) => AlertState;
  readonly nowMs: () => number;
  /** A failure that no repetition heals: the process is to end. */
  readonly fail: (error: unknown) => void;
}

/**
 * The stage `alert` in its group: findings in, alerts to the sinks (README.md). An alert is kept in the state before it is sent,
 * and until every sink has it; so that the group's offset says nothing about what is delivered, and needs not.
 */
export class AlertMember implements GroupMember {
  readonly counters = { records: 0, commits: 0, restores: 0 };
  /** Alerts that were made. */
  readonly madeBySeverity = new Map<Severity, number>();
  private readonly parts: AlertParts;
  private readonly keepers = new Map<string, AlertKeeper>();
  /** Partitions whose state is being read. */
  private readonly restoring = new Set<symbol>();
  private readonly given = new Map<string, symbol>();

  constructor(parts: AlertParts) {
    this.parts = parts;
  }

  /** False while the state of a partition is being read. */
  get isRestored(): boolean {
    return this.restoring.size === 0;
  }

  /** By the sinks' names. */
  get gates(): ReadonlyMap<string, SinkGate> {
    return this.parts.gates;
  }

  /** The partitions in work. */
  get tasks(): AlertTask[] {
    return [...this.keepers.values()].map(({ task }) => task);
  }

  async assigned(topic: string, partition: number): Promise<number | null> {
    const { rules, gates, books, stateOf, nowMs } = this.parts;
    const key = keyOf(topic, partition);
    const giving = Symbol(key);
    this.given.set(key, giving);
    this.restoring.add(giving);
    try {
      const task = new AlertTask(topic, partition, rules, gates, this.madeBySeverity);
      const keeper = new AlertKeeper(task, stateOf(topic, partition), books);
      const start = await keeper.restore(nowMs());
      if (this.given.get(key) !== giving) {
        // Taken away meanwhile.
        task.deliveries.abandon();
        return null;
      }
      this.keepers.set(key, keeper);
      this.counters.restores++;
      // What is owed since before is kept already.
      this.send(keeper, task.deliveries.takeMade());
      return start;
    } finally {
      this.restoring.delete(giving);
    }
  }

  handle(record: BusRecord): void {
    this.counters.records++;
    this.keepers.get(keyOf(record.topic, record.partition))?.task.handle(record, this.parts.nowMs());
  }

  /** Makes, keeps and sends the alerts whose time has come. To be called some twenty times a second. */
  tick(): void {
    const nowMs = this.parts.nowMs();
    for (const keeper of this.keepers.values()) {
      // What fails here is thrown by the next commit, which is where the bus hears of it.
      if (keeper.task.tick(nowMs)) this.keep(keeper).catch(() => {});
    }
  }

  /** Nothing waits for others to share its alert any more. */
  tellAll(): void {
    for (const { task } of this.keepers.values()) {
      task.findings.hurry();
      task.deliveries.hurry();
    }
  }

  async commit(): Promise<readonly Position[]> {
    const keepers = [...this.keepers.values()];
    const positions: Position[] = [];
    for (const { task } of keepers) {
      const { topic, partition, position } = task;
      if (position !== null) positions.push({ topic, partition, offset: position });
    }
    try {
      await Promise.all(keepers.map((keeper) => this.keep(keeper)));
      await Promise.all(keepers.filter((keeper) => this.isMine(keeper)).map((keeper) => keeper.publish()));
    } catch (error) {
      if (error instanceof SqltrailError && !error.retriable) this.parts.fail(error);
      throw error;
    }
    this.counters.commits++;
    return positions;
  }

  revoked(topic: string, partition: number): void {
    const key = keyOf(topic, partition);
    this.given.delete(key);
    const keeper = this.keepers.get(key);
    if (keeper === undefined) return;
    this.keepers.delete(key);
    for (const queue of this.parts.queues.values()) queue.forget(keeper);
    keeper.task.deliveries.abandon();
  }

  private keep(keeper: AlertKeeper): Promise<void> {
    return keeper.keep((deliveries) => this.send(keeper, deliveries));
  }

  private send(keeper: AlertKeeper, deliveries: readonly Delivery[]): void {
    // The partition was taken away while its state was written: its next owner finds them there.
    if (!this.isMine(keeper)) return;
    for (const delivery of deliveries) {
      this.parts.queues.get(delivery.sink)?.push({
        alert: delivery.alert,
        owner: keeper,
        done: (outcome) => keeper.task.deliveries.done(delivery, outcome),
      });
    }
  }

  private isMine(keeper: AlertKeeper): boolean {
    return this.keepers.get(keyOf(keeper.task.topic, keeper.task.partition)) === keeper;
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
