import type { SqltrailError } from '../../runtime/errors.ts';
import type { StoreRow } from './store-batch.ts';

export interface AuditStoreOptions {
  /** Whether unmasked text and values are stored (`--dangerously-keep-raw`). Default false. */
  readonly dangerouslyKeepRaw?: boolean;
  /** A batch of this many rows is written; at most 65,536. Default 40,000. */
  readonly batchRows?: number;
  /** A batch of about this many bytes is written. Default 16 MiB. */
  readonly batchBytes?: number;
  /** An event waits no longer than this for its batch to fill, given that `tick` is called. Default 1,000 ms. */
  readonly batchAgeMs?: number;
  /**
   * Whether an embedded store marks the minutes of each batch behind it, as a server's does: what is evaluated while it records then
   * hears of facts that come late. Default: each minute once, before its first facts, which costs less.
   */
  readonly marksEachBatch?: boolean;
  /**
   * For a service: what may pass is tried again until it does, instead of five times, from the opening on.
   * `signal` ends that; the failure in hand is then final.
   */
  readonly untilAborted?: AbortSignal;
  /**
   * Told of each row that ClickHouse refuses for its contents, with its exception code; all others of the batch are written.
   * The rows given to the store must not be changed afterwards then. Default: such a refusal ends the store.
   */
  readonly onRejected?: (row: StoreRow, engineCode: string) => void;
  /** Told of failures that may pass and of their end, for log and metrics. */
  readonly onTrouble?: (trouble: StoreTrouble) => void;
}

/** `error` says what happened and holds no SQL and no values. */
export type StoreTrouble =
  | { readonly kind: 'retrying'; readonly error: SqltrailError; readonly attempt: number; readonly pauseMs: number }
  | { readonly kind: 'recovered'; readonly attempts: number };
