/** What is counted. Each stage accounts for each of its units by itself. */
export type LedgerUnit =
  /** Packets of the watched ports. */
  | 'packets'
  /** Connections. */
  | 'connections'
  /** Bytes of TCP streams. */
  | 'bytes'
  /** MySQL messages in batches. */
  | 'messages'
  /** Records of a topic. */
  | 'records'
  /** Commands and logins: audit events. */
  | 'events'
  /** Alerts, each once for every sink that is to get it. */
  | 'alerts'
  /** Seconds of capturing. */
  | 'seconds'
  /** Readings of a server's process list or counters. */
  | 'readings';

/** Where the rest went. */
export const LOSS_REASONS = [
  'kernel_drop',
  'interface_drop',
  'gap',
  'tls',
  'unreadable',
  'shed',
  'sampled_out',
  'spool_overflow',
  'capture_not_running',
  'expired',
  'dead_letter',
  'rejected',
  'dropped_by_policy',
  'unpaired',
  'state_lost',
  'throttled',
  'queue_full',
  'mysql_unreachable',
  'mysql_slow',
  'mysql_refused',
] as const;
export type LedgerReason = (typeof LOSS_REASONS)[number];

export type LedgerStage = 'edge' | 'decode' | 'identify' | 'mask' | 'detect' | 'store' | 'alert' | 'watch';

/**
 * One line of a stage's ledger: totals so far of one unit in one minute of one server, as seen from one origin. Later ones with
 * the same stage, origin and ordinal replace it (the greater version wins), so that publishing again adds nothing.
 *
 *   takenIn = passedOn + open + all of lost
 */
export interface LedgerEntry {
  readonly stage: LedgerStage;
  /** Who counts: an edge's run, or the partition a stage reads (`mysql.messages.v1/3`). */
  readonly origin: string;
  /** Numbers the entries of an origin. */
  readonly ordinal: number;
  /** The server the packets went to; empty where a record was too broken to tell. */
  readonly serverId: string;
  /** Start of the minute, ms since the epoch: capture time, or the record's own where its contents cannot be read. */
  readonly minuteMs: number;
  readonly unit: LedgerUnit;
  takenIn: number;
  passedOn: number;
  /** Taken in and still in work (commands that wait for their response). */
  open: number;
  readonly lost: Partial<Record<LedgerReason, number>>;
  /** Of what was passed on, how much is `truncated`, `gap` or `midstream`. Not part of the sum. */
  readonly impaired: Partial<Record<'truncated' | 'gap' | 'midstream', number>>;
  /** Grows with each change: the offset behind the last record counted, or the edge's own count. */
  version: number;
}
