import type { Bus, OutgoingRecord } from '../../bus/bus.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { auditLine } from '../../schemas/audit-record.ts';
import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import { identityLine } from '../../schemas/connection-identity-record.ts';
import { type DeadLetter, deadLetterKey, deadLetterValue } from '../../schemas/dead-letter.ts';
import { eventLine } from '../../schemas/event-record.ts';
import type { Finding } from '../../schemas/finding.ts';
import type { LedgerEntry } from '../../schemas/ledger.ts';
import { countLine, lossLine } from '../../schemas/ledger-record.ts';
import type { Loss } from '../../schemas/loss.ts';
import { TOPIC } from '../../schemas/topics.ts';
import type { DurableSink } from '../event-sink.ts';
import { FindingWriter } from './finding-writer.ts';
import { sendInPieces } from './send-in-pieces.ts';
import type { StageChain } from './stage-chain.ts';
import { TopicWriter } from './topic-writer.ts';

/** Where rows end up: what of a durable sink a service needs. */
export type RowStore = Pick<
  DurableSink,
  'add' | 'addEntry' | 'addServerMinute' | 'addIdentity' | 'addFinding' | 'ready' | 'written'
>;

/** What leaves a process: events to a topic or the store, losses and totals to the ledger, dead letters. */
export class Outputs {
  readonly #bus: Bus;
  readonly #events: TopicWriter | null;
  readonly #ledger: TopicWriter;
  readonly #findings: FindingWriter;
  readonly #store: RowStore | null;
  readonly #isPublic: boolean;
  readonly #deadLetterPartitions: number;
  #deadLetters: OutgoingRecord[] = [];
  readonly #lettersByReason = new Map<string, number>();

  private constructor(
    bus: Bus,
    events: TopicWriter | null,
    ledger: TopicWriter,
    findings: FindingWriter,
    store: RowStore | null,
    isPublic: boolean,
    deadLetterPartitions: number,
  ) {
    this.#bus = bus;
    this.#events = events;
    this.#ledger = ledger;
    this.#findings = findings;
    this.#store = store;
    this.#isPublic = isPublic;
    this.#deadLetterPartitions = deadLetterPartitions;
  }

  /** @param store Of a chain that ends in it; else null. @throws SqltrailError where a topic is missing. */
  static async open(bus: Bus, chain: StageChain, store: RowStore | null): Promise<Outputs> {
    const { output } = chain;
    const events = output === null ? null : await TopicWriter.open(bus, output);
    const ledger = await TopicWriter.open(bus, TOPIC.ledger);
    const findings = await FindingWriter.open(bus);
    return new Outputs(
      bus,
      events,
      ledger,
      findings,
      store,
      output === TOPIC.audit,
      await bus.partitions(TOPIC.deadLetter),
    );
  }

  get counters() {
    return { events: this.#events?.counters ?? null, ledger: this.#ledger.counters, findings: this.#findings.counters };
  }

  /** Dead letters written, by DEAD_LETTER_REASONS. */
  get lettersByReason(): ReadonlyMap<string, number> {
    return this.#lettersByReason;
  }

  event(partition: number, event: AuditEvent): void {
    if (this.#events === null) this.#store?.add(event);
    else this.#events.add(partition, this.#isPublic ? auditLine(event, false) : eventLine(event));
  }

  loss(partition: number, loss: Loss): void {
    this.#ledger.add(partition, lossLine(loss));
  }

  identity(partition: number, identity: ConnectionIdentity): void {
    this.#ledger.add(partition, identityLine(identity));
  }

  entry(partition: number, entry: LedgerEntry): void {
    this.#ledger.add(partition, countLine(entry));
  }

  /** Parts as they are now; sent with the next commit. */
  finding(part: Finding): void {
    this.#findings.add(part);
  }

  /** Parts of which nobody has heard yet; sent at once. */
  newFindings(parts: readonly Finding[]): void {
    for (const part of parts) this.#findings.add(part);
    this.#findings.hurry();
  }

  /** Done when these parts, which belong to no task, are kept by the topic. */
  async publish(parts: readonly Finding[]): Promise<void> {
    for (const part of parts) this.#findings.add(part);
    await this.#findings.written();
  }

  deadLetter(partition: number, letter: DeadLetter): void {
    this.#lettersByReason.set(letter.reason, (this.#lettersByReason.get(letter.reason) ?? 0) + 1);
    this.#deadLetters.push({
      partition: partition % this.#deadLetterPartitions,
      key: deadLetterKey(letter),
      value: deadLetterValue(letter),
    });
  }

  /** Null while more may be added. */
  ready(): Promise<void> | null {
    return this.#store?.ready() ?? this.#events?.ready() ?? this.#ledger.ready();
  }

  /** Events and losses that were given before are where they belong. */
  async written(): Promise<void> {
    await Promise.all([this.#events?.written(), this.#store?.written()]);
  }

  /** So are totals, findings and dead letters. */
  async accounted(): Promise<void> {
    const letters = this.#deadLetters;
    this.#deadLetters = [];
    await sendInPieces(this.#bus, TOPIC.deadLetter, letters);
    await this.#findings.written();
    await this.#ledger.written();
  }

  /** Everything that waits will be made again. */
  reset(): void {
    this.#events?.reset();
    this.#ledger.reset();
    this.#findings.reset();
    this.#deadLetters = [];
  }
}
