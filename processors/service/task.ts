import type { BusRecord } from '../../bus/bus.ts';
import { AuditEvent, type RecordOrigin } from '../../schemas/audit-event.ts';
import type { DeadLetter, DeadLetterReason } from '../../schemas/dead-letter.ts';
import { eventId } from '../../schemas/event-id.ts';
import type { LedgerStage } from '../../schemas/ledger.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { DecodeCounts } from '../decode/decode-options.ts';
import type { EventSteps } from '../event-steps.ts';
import { FindingTotals } from '../findings/finding-totals.ts';
import type { VerdictSource } from '../findings/verdict-source.ts';
import type { Identify } from '../identify/identify.ts';
import type { IdentifyPartitions } from '../identify/identify-partitions.ts';
import { BadLines } from './bad-lines.ts';
import { JoinedState, type KeptState } from './joined-state.ts';
import { LedgerCounter, LedgerTotals } from './ledger-totals.ts';
import type { Outputs } from './outputs.ts';
import type { RecordReader } from './record-reader.ts';
import type { StageChain } from './stage-chain.ts';

/** A partition whose last record was not older than that is not behind. */
const CURRENT_MS = 5_000;
/** One of which no record came for so long has none. */
const SILENT_MS = 30_000;

/** What a task shares with the others of its process. */
export interface TaskParts {
  readonly chain: StageChain;
  readonly outputs: Outputs;
  readonly steps: EventSteps;
  /** Of these steps the one that judges; null where none does. */
  readonly detect?: VerdictSource | null;
  /** And the one that names users; null where none does. */
  readonly identify?: IdentifyPartitions | null;
  readonly nowMs: () => number;
  /** A failure that no repetition heals: the process is to end. */
  readonly fail: (error: unknown) => void;
}

/** One partition in work: its records pass the process's stages, and everything is counted. */
export class Task {
  readonly topic: string;
  readonly partition: number;
  readonly totals: LedgerTotals;
  readonly findings: FindingTotals;
  /** Offset behind the last record that was handled; null before the first. */
  position: number | null = null;
  /** When that record was kept. */
  lastTimeMs = 0;
  /** Records of topics of the same name before this one, which was made anew. */
  recordsBefore = 0;
  /** How old the last record was when it was handled. */
  delayMs = 0;
  readonly reader: RecordReader;
  /** What it remembers of connections; null: nothing. */
  readonly state: KeptState | null;
  private readonly parts: TaskParts;
  private readonly first: LedgerStage;
  private readonly records: LedgerCounter;
  private readonly counters: readonly LedgerCounter[];
  private readonly identify: Identify | null;
  private readonly beganMs: number;
  private origin: RecordOrigin;
  private record: BusRecord | null = null;
  private isBad = false;
  private readonly badLines = new BadLines();

  constructor(topic: string, partition: number, parts: TaskParts, makeReader: (counts: DecodeCounts) => RecordReader) {
    this.topic = topic;
    this.partition = partition;
    this.parts = parts;
    this.totals = new LedgerTotals(`${topic}/${partition}`);
    this.findings = new FindingTotals((ordinal) => `${topic}/${partition}/${ordinal}`);
    this.first = parts.chain.stages[0]!;
    this.records = new LedgerCounter(this.totals, this.first, 'records');
    this.counters = parts.chain.stages.map((stage) => new LedgerCounter(this.totals, stage, 'events'));
    this.origin = { topic, partition, offset: 0 };
    this.beganMs = parts.nowMs();
    this.reader = makeReader({
      onBegin: (event) => this.begin(event),
      onUnpaired: (connection, timeUs) => this.unpaired(connection.serverId, timeUs),
      onEnded: ({ uid }, timeUs) => this.identify?.ended(uid, timeUs),
    });
    this.identify = parts.identify?.open(partition, (identity) => parts.outputs.identity(partition, identity)) ?? null;
    this.state = this.identify === null ? this.reader.state : new JoinedState(this.reader.state, this.identify);
  }

  /** Grows with every record, also where the topic is made anew. */
  get version(): number {
    return this.recordsBefore + (this.position ?? 0);
  }

  /** Takes one record. Those below the position have been handled, unless they are newer: then the topic was made anew. */
  handle(record: BusRecord): void {
    if (this.position !== null && record.offset < this.position) {
      if (record.timeMs <= this.lastTimeMs) return;
      this.recordsBefore += this.position;
      this.position = record.offset;
    }
    const { position } = this;
    // What the topic no longer kept when it should have been read. Offsets of these topics have no holes.
    if (position !== null && record.offset > position) {
      const expired = this.records.at('', record.timeMs);
      expired.takenIn += record.offset - position;
      expired.lost.expired = (expired.lost.expired ?? 0) + record.offset - position;
    }
    this.record = record;
    this.origin = { topic: record.topic, partition: record.partition, offset: record.offset };
    this.isBad = false;
    this.badLines.begin();
    if (record.value === null) this.bad('garbage', null);
    else this.reader.read(record, record.value, this);
    const beyond = this.badLines.beyond();
    if (beyond !== null) this.lineLetter(record, beyond.line, beyond.furtherLines);
    const counted = this.records.at(record.value === null ? '' : this.reader.serverId, record.timeMs);
    counted.takenIn++;
    if (this.isBad) counted.lost.dead_letter = (counted.lost.dead_letter ?? 0) + 1;
    else counted.passedOn++;
    this.position = record.offset + 1;
    this.lastTimeMs = record.timeMs;
    this.delayMs = this.parts.nowMs() - record.timeMs;
    // As of the end of a record, as all that is published: a second run tells the same.
    if (this.findings.hasNew) this.parts.outputs.newFindings(this.findings.takeNew(this.version));
  }

  /** Some time has passed: connections that do not speak may have become known. */
  tick(): void {
    const nowMs = this.parts.nowMs();
    const isCurrent = this.record === null ? nowMs - this.beganMs > SILENT_MS : this.delayMs < CURRENT_MS;
    this.identify?.poll(nowMs, isCurrent);
  }

  /** Called by the reader: an event or a loss. */
  output(output: AuditEvent | Loss): void {
    const { parts, partition, counters } = this;
    if (!(output instanceof AuditEvent)) {
      parts.outputs.loss(partition, output);
      return;
    }
    output.origin = this.origin;
    const droppedBy = parts.steps.run(output);
    const { serverId } = output.connection;
    const timeMs = output.timeUs / 1000;
    for (let i = 0; i < counters.length; i++) {
      const entry = counters[i]!.at(serverId, timeMs);
      // Decode counts an event as taken when it begins.
      if (i > 0 || this.reader.state === null) entry.takenIn++;
      else entry.open--;
      if (parts.chain.stages[i] === droppedBy) {
        entry.lost.dropped_by_policy = (entry.lost.dropped_by_policy ?? 0) + 1;
        return;
      }
      entry.passedOn++;
      if (i === 0 && output.completeness !== 'complete')
        entry.impaired[output.completeness] = (entry.impaired[output.completeness] ?? 0) + 1;
    }
    const verdict = parts.detect?.verdict;
    if (verdict !== undefined && verdict.matches.length > 0) this.findings.add(output, verdict);
    parts.outputs.event(partition, output);
  }

  /** Called by the reader: something of the record cannot be read. */
  bad(reason: DeadLetterReason, line: number | null): void {
    const { record } = this;
    this.isBad = true;
    if (record !== null && (line === null || this.badLines.add(line)))
      this.deadLetter(reason, reason, record.offset, line, record.value?.length ?? 0, '');
  }

  /** The store refused an event of this partition for its contents. @returns Ordinal of the entry that counts it. */
  rejected(event: AuditEvent, engineCode: string): number {
    const entry = this.counters.at(-1)!.at(event.connection.serverId, event.timeUs / 1000);
    entry.passedOn--;
    entry.lost.rejected = (entry.lost.rejected ?? 0) + 1;
    this.deadLetter(
      'rejected',
      engineCode,
      event.origin?.offset ?? 0,
      null,
      event.statementBytes,
      eventId(event.connection.uid, event.sequence),
    );
    return entry.ordinal;
  }

  /** Records of the state topic that cannot be read, and states that this version does not take. */
  stateLost(count: number): void {
    const entry = this.records.at('', this.parts.nowMs());
    entry.takenIn += count;
    entry.lost.state_lost = (entry.lost.state_lost ?? 0) + count;
  }

  private unpaired(serverId: string, timeUs: number): void {
    const entry = this.counters[0]!.at(serverId, timeUs / 1000);
    entry.takenIn++;
    entry.lost.unpaired = (entry.lost.unpaired ?? 0) + 1;
  }

  private begin(event: AuditEvent): void {
    const entry = this.counters[0]!.at(event.connection.serverId, event.timeUs / 1000);
    entry.takenIn++;
    entry.open++;
  }

  private lineLetter(record: BusRecord, line: number, furtherLines: number): void {
    this.deadLetter('bad_line', 'bad_line', record.offset, line, record.value?.length ?? 0, '', furtherLines);
  }

  private deadLetter(
    reason: DeadLetterReason,
    errorCode: string,
    offset: number,
    line: number | null,
    bytes: number,
    id: string,
    furtherLines = 0,
  ): void {
    const letter: DeadLetter = {
      timeMs: this.parts.nowMs(),
      stage: reason === 'rejected' ? 'store' : this.first,
      reason,
      errorCode,
      topic: this.topic,
      partition: this.partition,
      offset,
      line,
      bytes,
      ...(id === '' ? {} : { eventId: id }),
      ...(furtherLines > 0 && { furtherLines }),
    };
    this.parts.outputs.deadLetter(this.partition, letter);
  }
}
