import type { Bus, BusRecord, GroupMember, Position } from '../../bus/bus.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { AuditEvent } from '../../schemas/audit-event.ts';
import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import type { Finding } from '../../schemas/finding.ts';
import type { LedgerEntry } from '../../schemas/ledger.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { ServerMinute } from '../../schemas/server-minute.ts';
import { stateTopic, TOPIC } from '../../schemas/topics.ts';
import { decodeCounters } from '../decode/decode-counters.ts';
import type { DecodeCounts } from '../decode/decode-options.ts';
import { AuditReader } from './audit-reader.ts';
import { Changelog } from './changelog.ts';
import { EventReader } from './event-reader.ts';
import { FindingIntake } from './finding-intake.ts';
import { LedgerIntake } from './ledger-intake.ts';
import { MessageReader } from './message-reader.ts';
import type { RowStore } from './outputs.ts';
import type { RecordReader } from './record-reader.ts';
import { Task, type TaskParts } from './task.ts';
import { type Snapshot, TaskKeeper } from './task-keeper.ts';

/**
 * What a process of `sqltrail process` does in its group: for each partition it is given a task with its state, and cycles
 * in which outputs, then state, then offsets become durable (README.md).
 */
export class StageMember implements GroupMember {
  readonly work: string;
  readonly counters = { records: 0, commits: 0, restores: 0, rejected: 0 };
  /** Of all partitions that it has had, where decode is the first stage. */
  readonly decodeCounters = decodeCounters();
  private readonly bus: Bus;
  private readonly parts: TaskParts;
  private readonly ledger: LedgerIntake | null;
  private readonly findings: FindingIntake | null;
  private readonly keepers = new Map<string, TaskKeeper>();
  private restoring = 0;
  private hasFirstOfLedger = false;

  /** @param store Of a chain that ends in it; else null. */
  constructor(bus: Bus, parts: TaskParts, store: RowStore | null) {
    this.bus = bus;
    this.work = parts.chain.stages.join(',');
    this.parts = parts;
    this.ledger = store === null ? null : new LedgerIntake(store, parts.outputs, parts.nowMs);
    this.findings = store === null ? null : new FindingIntake(store, parts.outputs, parts.nowMs);
  }

  /** Topics to subscribe to. */
  get topics(): string[] {
    const { input } = this.parts.chain;
    return this.ledger === null ? [input] : [input, TOPIC.ledger, TOPIC.findings];
  }

  /** False while the state of a partition is being read. */
  get isRestored(): boolean {
    return this.restoring === 0;
  }

  /** Whether this member of its group, and no other, does what is to be done once: it has the first partition of the ledger. */
  get isLeader(): boolean {
    return this.hasFirstOfLedger;
  }

  /** The partitions in work. */
  get tasks(): Task[] {
    return [...this.keepers.values()].map(({ task }) => task);
  }

  async assigned(topic: string, partition: number): Promise<number | null> {
    if (this.intake(topic) !== null) {
      if (topic === TOPIC.ledger && partition === 0) this.hasFirstOfLedger = true;
      return null;
    }
    // After a failure everything comes again: what still waits to be sent would only come twice.
    if (this.keepers.size === 0 && this.restoring === 0) this.parts.outputs.reset();
    this.restoring++;
    try {
      const task = new Task(topic, partition, this.parts, (counts) => this.reader(counts));
      const keeper = new TaskKeeper(
        task,
        new Changelog(this.bus, stateTopic(this.parts.chain.group), topic, partition),
      );
      const start = await keeper.restore();
      this.keepers.set(keyOf(topic, partition), keeper);
      this.counters.restores++;
      return start;
    } finally {
      this.restoring--;
    }
  }

  handle(record: BusRecord): Promise<void> | void {
    const waiting = this.parts.outputs.ready();
    // Others may have filled the outputs again when this one wakes.
    if (waiting !== null)
      return waiting.then(
        () => this.handle(record),
        (error: unknown) => this.refuse(error),
      );
    this.counters.records++;
    const intake = this.intake(record.topic);
    if (intake !== null) intake.handle(record);
    else this.keepers.get(keyOf(record.topic, record.partition))?.task.handle(record);
  }

  async commit(): Promise<readonly Position[]> {
    try {
      return await this.runCycle();
    } catch (error) {
      return this.refuse(error);
    }
  }

  revoked(topic: string, partition: number): void {
    const intake = this.intake(topic);
    if (topic === TOPIC.ledger && partition === 0) this.hasFirstOfLedger = false;
    if (intake !== null) intake.revoked(partition);
    else {
      this.keepers.delete(keyOf(topic, partition));
      this.parts.identify?.close(partition);
    }
  }

  /** The store refused a row for its contents. */
  rejected(
    row: AuditEvent | Loss | LedgerEntry | ServerMinute | ConnectionIdentity | Finding,
    engineCode: string,
  ): void {
    this.counters.rejected++;
    if ('finding_id' in row) this.findings?.rejected(row, engineCode);
    else if (!(row instanceof AuditEvent)) this.ledger?.rejected(row, engineCode);
    else if (row.origin !== null)
      this.keepers.get(keyOf(row.origin.topic, row.origin.partition))?.rejected(row, engineCode);
  }

  private async runCycle(): Promise<readonly Position[]> {
    const { outputs } = this.parts;
    const cycles: [TaskKeeper, Snapshot][] = [];
    for (const keeper of this.keepers.values()) {
      keeper.task.tick();
      const snapshot = keeper.snapshot();
      if (snapshot !== null) cycles.push([keeper, snapshot]);
    }
    const positions = [...(this.ledger?.positions() ?? []), ...(this.findings?.positions() ?? [])];
    await outputs.written();
    for (const [keeper, { entries, findings }] of cycles) {
      if (!this.isMine(keeper)) continue;
      for (const entry of entries) outputs.entry(keeper.task.partition, entry);
      for (const part of findings) outputs.finding(part);
    }
    await outputs.accounted();
    await Promise.all(
      cycles.filter(([keeper]) => this.isMine(keeper)).map(([keeper, snapshot]) => keeper.keep(snapshot)),
    );
    this.counters.commits++;
    for (const [{ task }, { position }] of cycles)
      positions.push({ topic: task.topic, partition: task.partition, offset: position });
    return positions;
  }

  /** Of a topic that goes into the store as it is. */
  private intake(topic: string): LedgerIntake | FindingIntake | null {
    return topic === TOPIC.ledger ? this.ledger : topic === TOPIC.findings ? this.findings : null;
  }

  /** The bus gives the partitions anew; where that cannot help, the process ends and says why. */
  private refuse(error: unknown): never {
    if (error instanceof SqltrailError && !error.retriable) this.parts.fail(error);
    throw error;
  }

  private isMine(keeper: TaskKeeper): boolean {
    return this.keepers.get(keyOf(keeper.task.topic, keeper.task.partition)) === keeper;
  }

  private reader(counts: DecodeCounts): RecordReader {
    const { input } = this.parts.chain;
    if (input === TOPIC.messages) return new MessageReader(counts, this.decodeCounters);
    return input === TOPIC.audit ? new AuditReader() : new EventReader();
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
