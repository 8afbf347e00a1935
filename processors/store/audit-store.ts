import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { SqltrailError } from '../../runtime/errors.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { Loss } from '../../schemas/loss.ts';
import type { EventSink } from '../event-sink.ts';
import { ClickhouseClient } from './clickhouse-client.ts';
import { FactBlock } from './fact-block.ts';
import { LossBlock } from './loss-block.ts';
import { migrate } from './migrator.ts';
import { MAX_BLOCK_ROWS } from './native-strings.ts';
import { StatementBlock } from './statement-block.ts';
import type { StoreTarget } from './store-target.ts';

/** What the store needs of a client. */
export interface BlockInserter {
  insert(table: string, structure: string, block: Buffer, token: string): Promise<void>;
  close(): Promise<void>;
}

export interface AuditStoreOptions {
  /** Whether unmasked text and values are stored (`--dangerously-keep-raw`). Default false. */
  readonly dangerouslyKeepRaw?: boolean;
  /** A batch of this many rows is written; at most 65,536. Default 40,000. */
  readonly batchRows?: number;
  /** A batch of about this many bytes is written. Default 16 MiB. */
  readonly batchBytes?: number;
  /** An event waits no longer than this for its batch to fill, given that `tick` is called. Default 1,000 ms. */
  readonly batchAgeMs?: number;
}

/** Digests of which this process knows that their text is stored; beyond it, a text may be written again. */
const KNOWN_DIGESTS = 100_000;
/** Attempts at writing one batch where the failure may pass, and the pause before the second; it doubles. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 250;

/** Facts, the statement texts that they need and that the store may lack, and losses. */
class Batch {
  readonly facts: FactBlock;
  readonly statements = new StatementBlock();
  readonly losses = new LossBlock();
  /** `tick`'s time when the batch was first seen non-empty; NaN before. */
  sinceMs = Number.NaN;

  constructor(keepRaw: boolean) {
    this.facts = new FactBlock(keepRaw);
  }

  /** Of the fuller block: a batch has at most one text per fact. */
  get rows(): number {
    return Math.max(this.facts.rows, this.losses.rows);
  }

  reset(): void {
    this.facts.reset();
    this.statements.reset();
    this.losses.reset();
    this.sinceMs = Number.NaN;
  }
}

/**
 * Writes audit events to ClickHouse in batches: one is being filled while at most one is being inserted, which bounds the
 * memory. Writing the same event again adds no row to the view `audit`.
 *
 * Not for concurrent writers: one owner calls `add`, awaits `ready()` whenever it is not null, and calls `close` at the end.
 */
export class AuditStore implements EventSink {
  /** `rowsWritten`: events that are in the store; the others count what was taken or sent. */
  readonly counters = { events: 0, losses: 0, statements: 0, batches: 0, rowsWritten: 0, bytes: 0, retries: 0 };
  readonly #client: BlockInserter;
  readonly #batchRows: number;
  readonly #batchBytes: number;
  readonly #batchAgeMs: number;
  readonly #knownDigests = new LRUCache<string, true>({ max: KNOWN_DIGESTS });
  #filling: Batch;
  #spare: Batch;
  #inFlight: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(client: BlockInserter, options: AuditStoreOptions = {}) {
    this.#client = client;
    this.#batchRows = Math.min(options.batchRows ?? 40_000, MAX_BLOCK_ROWS);
    this.#batchBytes = options.batchBytes ?? 16 << 20;
    this.#batchAgeMs = options.batchAgeMs ?? 1000;
    this.#filling = new Batch(options.dangerouslyKeepRaw ?? false);
    this.#spare = new Batch(options.dangerouslyKeepRaw ?? false);
  }

  /** Opens the store, making and migrating it as needed. @throws SqltrailError as the client and the migrator do. */
  static async open(target: StoreTarget, options: AuditStoreOptions = {}): Promise<AuditStore> {
    const client = await ClickhouseClient.open(target, 'write');
    try {
      await migrate(client);
    } catch (error) {
      await client.close();
      throw error;
    }
    return new AuditStore(client, options);
  }

  /**
   * Takes an event or a loss; nothing of it is needed afterwards. When a batch is full and the one before is not written
   * yet, `ready()` says so; there is room for 25,000 more by default, beyond which this throws.
   *
   * @throws SqltrailError where an earlier batch could not be written.
   */
  add(output: AuditEvent | Loss): void {
    if (this.#failure !== null) throw this.#failure;
    const batch = this.#filling;
    if (batch.rows >= MAX_BLOCK_ROWS) throw new Error('add() was called on a full store without awaiting ready().');
    if (output instanceof Loss) {
      batch.losses.add(output);
      this.counters.losses++;
    } else {
      this.counters.events++;
      if (batch.facts.add(output)) this.#addStatement(batch, output);
    }
    if (this.#isFull(batch) && this.#inFlight === null) this.#startInsert();
  }

  #addStatement(batch: Batch, event: AuditEvent): void {
    const { statement } = event;
    if (statement === null || this.#knownDigests.get(statement.digest) === true) return;
    this.#knownDigests.set(statement.digest, true);
    batch.statements.add(statement, event.timeUs);
    this.counters.statements++;
  }

  #isFull(batch: Batch): boolean {
    return batch.rows >= this.#batchRows || batch.facts.bytes + batch.statements.bytes >= this.#batchBytes;
  }

  /** Null while events may be added; otherwise settles when they may again, and rejects when writing failed. */
  ready(): Promise<void> | null {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return this.#inFlight !== null && this.#isFull(this.#filling) ? this.#settled() : null;
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

  /** Writes what is left and releases the store, also where writing fails. @throws SqltrailError as `flush`. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#inFlight;
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
    this.#inFlight = this.#write(batch)
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#inFlight = null;
        if (this.#failure === null && this.#isFull(this.#filling)) this.#startInsert();
      });
  }

  /** Texts first: a fact whose text is missing would be unreadable, a text without facts is harmless. */
  async #write(batch: Batch): Promise<void> {
    if (batch.statements.rows > 0) await this.#insert('statements', batch.statements);
    if (batch.facts.rows > 0) await this.#insert('audit_events', batch.facts);
    if (batch.losses.rows > 0) await this.#insert('loss_events', batch.losses);
    this.counters.rowsWritten += batch.facts.rows;
    this.counters.batches++;
    batch.reset();
  }

  async #insert(table: string, block: FactBlock | StatementBlock | LossBlock): Promise<void> {
    const bytes = block.encode();
    const token = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.insert(table, block.structure, bytes, token);
        this.counters.bytes += bytes.length;
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof SqltrailError) || !error.retriable) throw error;
        this.counters.retries++;
        await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
      }
    }
  }
}
