import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { type LedgerEntry, LOSS_REASONS } from '../../schemas/ledger.ts';

const COUNT = z.number().int().nonnegative();

const SCHEMA = z.object({
  version: z.literal(1),
  /** Up to this second (since the epoch) everything captured had arrived, or was on disk. */
  safeSecond: COUNT,
  /** When it began, as its batches say; the next run begins later, whatever the clock says. */
  runUs: COUNT,
  /** Partitions of the messages topic as last seen: an edge that starts while Kafka is away goes on with them. */
  partitions: z.number().int().positive(),
  entries: z.array(
    z.object({
      stage: z.literal('edge'),
      origin: z.string(),
      ordinal: COUNT,
      serverId: z.string(),
      minuteMs: COUNT,
      unit: z.enum(['packets', 'connections', 'bytes', 'messages', 'seconds']),
      takenIn: COUNT,
      passedOn: COUNT,
      open: COUNT,
      lost: z.partialRecord(z.enum(LOSS_REASONS), COUNT),
      impaired: z.object({}),
      version: COUNT,
    }),
  ),
});

/** What a live edge must know of its last run. */
export interface LedgerState {
  readonly safeSecond: number;
  readonly runUs: number;
  readonly partitions: number;
  readonly entries: readonly LedgerEntry[];
}

/** Null where there is none, or none that can be read: what the last run counted last is then not published again. */
export function readLedgerState(path: string): LedgerState | null {
  try {
    return SCHEMA.parse(JSON.parse(readFileSync(path, 'utf8'))) as LedgerState;
  } catch {
    return null;
  }
}

/** Replaces the file as a whole. @returns false where the disk takes it not: the older state stays. */
export function writeLedgerState(path: string, state: LedgerState): boolean {
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, JSON.stringify({ version: 1, ...state }), { mode: 0o600 });
    renameSync(partial, path);
    return true;
  } catch {
    rmSync(partial, { force: true });
    return false;
  }
}
