import { LRUCache } from 'lru-cache';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import type { Finding } from '../../schemas/finding.ts';
import type { LedgerEntry } from '../../schemas/ledger.ts';
import { Loss } from '../../schemas/loss.ts';
import type { ServerMinute } from '../../schemas/server-minute.ts';
import type { DurableSink } from '../event-sink.ts';
import type { AuditStoreOptions } from './audit-store-options.ts';
import { BatchWriter, type BlockInserter } from './batch-writer.ts';
import { ClickhouseClient } from './clickhouse-client.ts';
import { MAX_FINDINGS } from './finding-block.ts';
import { migrate } from './migrator.ts';
import { MAX_BLOCK_ROWS } from './native-strings.ts';
import { type RollupClient, updateRollups } from './rollups.ts';
import { checkSchema } from './schema-check.ts';
import type { StoreBatch, StoreRow } from './store-batch.ts';
import type { StoreTarget } from './store-target.ts';
import { Waiters } from './waiters.ts';

/** Who keeps the rollups, and whether `close` brings them up to date. */
interface Rollups {
  readonly client: RollupClient;
  readonly atClose: boolean;
}

/** Digests of which this process knows that their text is stored; beyond it, a text may be written again. */
const KNOWN_DIGESTS = 100_000;

/**
 * Writes audit events, losses, ledger entries and findings to ClickHouse in batches: one is being filled while at most one is being
 * inserted, which bounds the memory. Writing the same again adds no row to any view.
 *
 * Not for concurrent writers: one owner adds, awaits `ready()` whenever it is not null, and calls `close` at the end.
 */
export class AuditStore implements DurableSink {
  /** What was taken. */
  readonly #taken = { events: 0, losses: 0, entries: 0, statements: 0, findings: 0, serverMinutes: 0, identities: 0 };
  readonly #client: BlockInserter;
  readonly #rollups: Rollups | null;
  readonly #writer: BatchWriter;
  readonly #batchRows: number;
  readonly #batchBytes: number;
  readonly #batchAgeMs: number;
  readonly #knownDigests = new LRUCache<string, true>({ max: KNOWN_DIGESTS });
  readonly #waiters = new Waiters();
  #filling: StoreBatch;
  #spare: StoreBatch;
  #inFlight: Promise<void> | null = null;
  /** Batches begun and ended: a batch's number is its place in this count. */
  #started = 0;
  /** The batch of this number is written as soon as it can be, full or not. */
  #dueNumber = 0;
  #failure: unknown = null;

  /** @param rollups Null: not kept by this store. */
  constructor(client: BlockInserter, options: AuditStoreOptions = {}, rollups: Rollups | null = null) {
    this.#client = client;
    this.#rollups = rollups;
    this.#writer = new BatchWriter(client, options, rollups?.atClose === true && options.marksEachBatch !== true);
    this.#batchRows = Math.min(options.batchRows ?? 40_000, MAX_BLOCK_ROWS);
    this.#batchBytes = options.batchBytes ?? 16 << 20;
    this.#batchAgeMs = options.batchAgeMs ?? 1000;
    this.#filling = this.#writer.newBatch();
    this.#spare = this.#writer.newBatch();
  }

  /**
   * Opens the store. An embedded one, which nobody else can open meanwhile, is made and migrated as needed, and its rollups
   * are brought up to date at `close`. A server must have been migrated: its schema is only checked.
   *
   * @throws SqltrailError as the client, the migrator and the check do.
   */
  static async open(target: StoreTarget, options: AuditStoreOptions = {}): Promise<AuditStore> {
    const client = await ClickhouseClient.open(target, 'write');
    const store = new AuditStore(client, options, { client, atClose: target.kind === 'embedded' });
    try {
      if (target.kind === 'embedded') await migrate(client);
      else await store.#writer.persist(() => checkSchema(client));
      return store;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** `rowsWritten`: events that are in the store; the others count what was taken, sent or refused. */
  get counters() {
    return { ...this.#taken, ...this.#writer.counters };
  }

  /** For what else asks this store and writes to it, with the same engine; null where rollups are not kept. */
  get queries(): RollupClient | null {
    return this.#rollups?.client ?? null;
  }

  /** False from a failure on until an attempt succeeds: for readiness. */
  get isAvailable(): boolean {
    return this.#writer.isAvailable;
  }

  /**
   * Takes an event or a loss. When a batch is full and the one before is not written yet, `ready()` says so; there is room
   * for 25,000 more by default, beyond which this throws.
   *
   * @throws SqltrailError where an earlier batch could not be written.
   */
  add(output: AuditEvent | Loss): void {
    const batch = this.#batchWithRoom();
    if (output instanceof Loss) {
      batch.addLoss(output);
      this.#taken.losses++;
    } else {
      this.#taken.events++;
      if (batch.addEvent(output)) this.#addStatement(batch, output);
    }
    if (this.#isFull(batch) && this.#inFlight === null) this.#startInsert();
  }

  /** Takes a line of a stage's ledger, as `add` takes an event. The entry may be changed afterwards. */
  addEntry(entry: LedgerEntry): void {
    const batch = this.#batchWithRoom();
    batch.addEntry(entry);
    this.#taken.entries++;
    if (this.#isFull(batch) && this.#inFlight === null) this.#startInsert();
  }

  /** Takes whose a connection is, as `add` takes an event. It must not be changed afterwards. */
  addIdentity(identity: ConnectionIdentity): void {
    const batch = this.#batchWithRoom();
    batch.addIdentity(identity);
    this.#taken.identities++;
    if (this.#isFull(batch) && this.#inFlight === null) this.#startInsert();
  }

  /** Takes what a server did in a minute, as `add` takes an event. It must not be changed afterwards. */
  addServerMinute(minute: ServerMinute): void {
    const batch = this.#batchWithRoom();
    batch.addServerMinute(minute);
    this.#taken.serverMinutes++;
    if (this.#isFull(batch) && this.#inFlight === null) this.#startInsert();
  }

  /** Takes a part of a finding, as `add` takes an event. It must not be changed afterwards. */
  addFinding(part: Finding): void {
    const batch = this.#batchWithRoom();
    batch.addFinding(part);
    this.#taken.findings++;
    if (this.#isFull(batch) && this.#inFlight === null) this.#startInsert();
  }

  #batchWithRoom(): StoreBatch {
    if (this.#failure !== null) throw this.#failure;
    if (this.#filling.hasFullBlock) throw new Error('add() was called on a full store without awaiting ready().');
    return this.#filling;
  }

  #addStatement(batch: StoreBatch, event: AuditEvent): void {
    const { statement } = event;
    if (statement === null || this.#knownDigests.get(statement.digest) === true) return;
    this.#knownDigests.set(statement.digest, true);
    batch.statements.add(statement, event.timeUs);
    this.#taken.statements++;
  }

  #isFull(batch: StoreBatch): boolean {
    return (
      batch.rows >= this.#batchRows ||
      batch.bytes >= this.#batchBytes ||
      batch.findings.rows >= MAX_FINDINGS / 2 ||
      batch.marks.rows >= MAX_BLOCK_ROWS / 2
    );
  }

  /** Null while events may be added; otherwise settles when they may again, and rejects when writing failed. */
  ready(): Promise<void> | null {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return this.#inFlight !== null && this.#isFull(this.#filling) ? this.#settled() : null;
  }

  /**
   * Settles when everything added before the call is durable, while adding goes on: within a batch's age and the time to write
   * two batches, or when ClickHouse is back. Rejects where writing failed for good.
   */
  written(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const number = this.#filling.rows > 0 ? this.#started + 1 : this.#started;
    if (number > this.#started) this.#waiters.after(this.#batchAgeMs, number, () => this.#startDue(number));
    return this.#inFlight === null && number === this.#started ? Promise.resolve() : this.#waiters.wait(number);
  }

  #startDue(number: number): void {
    this.#dueNumber = number;
    if (this.#inFlight === null && this.#failure === null && number > this.#started) this.#startInsert();
  }

  /** To be called a few times a second: starts writing a batch that waited long enough. */
  tick(nowMs: number): void {
    const batch = this.#filling;
    if (batch.rows === 0) return;
    if (Number.isNaN(batch.sinceMs)) batch.sinceMs = nowMs;
    else if (nowMs - batch.sinceMs >= this.#batchAgeMs && this.#inFlight === null && this.#failure === null)
      this.#startInsert();
  }

  /** Done when every event added before is written. @throws SqltrailError where that failed. */
  async flush(): Promise<void> {
    await this.#settled();
    while (this.#inFlight !== null || this.#filling.rows > 0) {
      if (this.#inFlight === null) this.#startInsert();
      await this.#settled();
    }
  }

  /**
   * Brings the rollups up to date with what is written, as `updateRollups` of `rollups.ts`; a service calls it at an interval,
   * with half of it as `notWithinMs`.
   *
   * @returns How many minutes were summed up. @throws SqltrailError: what is still due is so at the next call.
   */
  async updateRollups(notWithinMs = 0): Promise<number> {
    return this.#rollups === null ? 0 : updateRollups(this.#rollups.client, notWithinMs);
  }

  /** Writes what is left and releases the store, also where writing fails. @throws SqltrailError as `flush`. */
  async close(): Promise<void> {
    try {
      await this.flush();
      if (this.#rollups?.atClose === true) await this.updateRollups();
    } finally {
      await this.#inFlight;
      this.#waiters.end();
      await this.#client.close();
    }
  }

  async #settled(): Promise<void> {
    await this.#inFlight;
    if (this.#failure !== null) throw this.#failure;
  }

  #startInsert(): void {
    const batch = this.#filling;
    this.#filling = this.#spare;
    this.#spare = batch;
    this.#started++;
    this.#inFlight = this.#writer
      .write(batch, (row) => this.#forget(row))
      .catch((error: unknown) => {
        this.#failure = error;
        this.#waiters.fail(error);
      })
      .finally(() => {
        this.#inFlight = null;
        if (this.#failure !== null) return;
        this.#waiters.done(this.#started);
        if (this.#isFull(this.#filling) || (this.#dueNumber > this.#started && this.#filling.rows > 0))
          this.#startInsert();
      });
  }

  /** The text of a refused event is no longer taken to be stored. */
  #forget(row: StoreRow): void {
    if ('statement' in row && row.statement !== null) this.#knownDigests.delete(row.statement.digest);
  }
}
