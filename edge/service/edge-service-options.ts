import type { Bus } from '../../bus/bus.ts';
import type { PacketSource } from '../sources/packet-source.ts';

/** How an edge works that ships to a bus. */
export interface EdgeServiceOptions {
  readonly bus: Pick<Bus, 'send' | 'partitions'>;
  readonly sources: readonly PacketSource[];
  /** The sources are live captures: nothing waits for Kafka, and what cannot be carried is counted. */
  readonly isLive: boolean;
  readonly edgeId: string;
  /** Empty: each server is named by its address and port. */
  readonly serverId: string;
  readonly ports: readonly number[];
  /** Live, messages wait so long for others; files are read as fast as batches fill. */
  readonly lingerMs: number;
  /** 0 to 1. */
  readonly sampleShare: number;
  /** Null: nothing waits on disk, and nothing is known of an earlier run. */
  readonly spool: { readonly directory: string; readonly maxBytes: number } | null;
  /** Ceilings of a live capture. */
  readonly limits: { readonly cpuCores: number; readonly memoryBytes: number };
  /** A live end waits so long for Kafka; then the rest stays in the spool. */
  readonly drainMs: number;
  readonly onEvent: (event: EdgeEvent) => void;
}

/** What somebody may want to read in a log. */
export type EdgeEvent =
  | { readonly kind: 'failure'; readonly error: unknown }
  | { readonly kind: 'partitions_unknown'; readonly error: unknown }
  | { readonly kind: 'spool_found'; readonly bytes: number; readonly cutBytes: number }
  | { readonly kind: 'away'; readonly isAway: boolean }
  | { readonly kind: 'shedding'; readonly share: number; readonly connections: number }
  | { readonly kind: 'not_running'; readonly seconds: number }
  | { readonly kind: 'left_in_spool'; readonly bytes: number };
