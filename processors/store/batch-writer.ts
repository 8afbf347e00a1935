import { createHash, randomUUID } from 'node:crypto';
import type { AuditStoreOptions } from './audit-store-options.ts';
import { MarkedMinutes } from './marked-minutes.ts';
import { StoreBatch, type StoreRow } from './store-batch.ts';
import { type RetryPolicy, withRetries } from './with-retries.ts';
import { isRefusal, writeAroundRefused } from './write-around-refused.ts';

/** What the store needs of a client. */
export interface BlockInserter {
  insert(table: string, structure: string, block: Buffer, token: string): Promise<void>;
  close(): Promise<void>;
}

/** Attempts where the failure may pass, unless there is no end to them. */
const ATTEMPTS = 5;

/** Writes one batch after another: again while the failure may pass, and around rows that are refused. */
export class BatchWriter {
  /** `rowsWritten`: events. `rejected`: rows of any kind. */
  readonly counters = { batches: 0, rowsWritten: 0, bytes: 0, retries: 0, rejected: 0 };
  /** False from a failure on until an attempt succeeds. */
  isAvailable = true;
  readonly #client: BlockInserter;
  readonly #options: AuditStoreOptions;
  readonly #policy: RetryPolicy;
  readonly #markedMinutes: MarkedMinutes | null;
  /** Attempts that failed since the last success. */
  #failures = 0;

  /**
   * @param isAlone Whether nobody else writes to the store or sums up its minutes while this one does: then a minute is marked
   *   once, before its first facts, and not behind each batch of them.
   */
  constructor(client: BlockInserter, options: AuditStoreOptions, isAlone: boolean) {
    this.#markedMinutes = isAlone ? new MarkedMinutes() : null;
    this.#client = client;
    this.#options = options;
    this.#policy = {
      attempts: options.untilAborted === undefined ? ATTEMPTS : Number.POSITIVE_INFINITY,
      signal: options.untilAborted ?? null,
      onRetry: (error, attempt, pauseMs) => {
        this.#failures++;
        this.counters.retries++;
        options.onTrouble?.({ kind: 'retrying', error, attempt, pauseMs });
      },
    };
  }

  /** An empty batch as the options ask for it. */
  newBatch(): StoreBatch {
    const { dangerouslyKeepRaw = false, onRejected } = this.#options;
    return new StoreBatch({
      keepsRaw: dangerouslyKeepRaw,
      remembersRows: onRejected !== undefined,
      markedMinutes: this.#markedMinutes,
    });
  }

  /**
   * Done when everything of the batch is in the store but what was rejected; the batch is then empty.
   *
   * @param onRejected Told of each row that is not, before the listener of the options.
   */
  async write(batch: StoreBatch, onRejected: (row: StoreRow) => void): Promise<void> {
    try {
      await this.#writeBlocks(batch);
    } catch (error) {
      if (batch.remembered.length === 0 || !isRefusal(error)) throw error;
      await this.#writeAroundRefused(batch.remembered, onRejected);
    }
    this.counters.batches++;
    batch.reset();
  }

  async #writeAroundRefused(rows: readonly StoreRow[], onRejected: (row: StoreRow) => void): Promise<void> {
    const part = this.newBatch();
    await writeAroundRefused(
      rows,
      async (some) => {
        part.refill(some);
        await this.#writeBlocks(part);
      },
      (row, code) => {
        this.counters.rejected++;
        onRejected(row);
        this.#options.onRejected?.(row, code);
      },
    );
  }

  /**
   * Texts first: a fact whose text is missing would be unreadable, a text without facts is harmless. Marks behind the facts: a
   * rollup that is newer than a mark has its facts. Where nobody else sums up, that is so anyway.
   */
  async #writeBlocks(batch: StoreBatch): Promise<void> {
    if (this.#markedMinutes !== null) await this.#writeMarks(batch);
    if (batch.statements.rows > 0) await this.#insert('statements', batch.statements);
    if (batch.facts.rows > 0) await this.#insert('audit_events', batch.facts);
    if (batch.identities.rows > 0) await this.#insert('connection_users', batch.identities);
    if (this.#markedMinutes === null) await this.#writeMarks(batch);
    if (batch.losses.rows > 0) await this.#insert('loss_events', batch.losses);
    if (batch.ledger.rows > 0) await this.#insert('ledger', batch.ledger);
    if (batch.serverMinutes.rows > 0) await this.#insert('server_minutes', batch.serverMinutes);
    if (batch.findings.rows > 0) await this.#insert('finding_parts', batch.findings);
    this.counters.rowsWritten += batch.facts.rows;
  }

  /** The same minutes may be marked again: no two marks are the same block. */
  async #writeMarks(batch: StoreBatch): Promise<void> {
    if (batch.marks.rows > 0) await this.#insert('rollup_marks', batch.marks, randomUUID());
  }

  async #insert(table: string, block: { readonly structure: string; encode(): Buffer }, token?: string): Promise<void> {
    const bytes = block.encode();
    const sent = token ?? createHash('sha256').update(bytes).digest('hex').slice(0, 32);
    await this.persist(() => this.#client.insert(table, block.structure, bytes, sent));
    this.counters.bytes += bytes.length;
  }

  /** Runs an operation on the store as often as the options allow. @throws What is final. */
  async persist<T>(operation: () => Promise<T>): Promise<T> {
    const result = await withRetries(async () => {
      try {
        return await operation();
      } catch (error) {
        // A refusal is an answer.
        this.isAvailable = isRefusal(error);
        throw error;
      }
    }, this.#policy);
    this.isAvailable = true;
    if (this.#failures > 0) this.#options.onTrouble?.({ kind: 'recovered', attempts: this.#failures + 1 });
    this.#failures = 0;
    return result;
  }
}
