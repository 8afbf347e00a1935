import { join } from 'node:path';
import type { Bus } from '../../bus/bus.ts';
import type { LedgerReason } from '../../schemas/ledger.ts';
import { EdgeLedger } from '../ledger/edge-ledger.ts';
import { LedgerPublisher } from '../ledger/ledger-publisher.ts';
import { type LedgerState, readLedgerState, writeLedgerState } from '../ledger/ledger-state.ts';
import { secondsByMinute } from '../ledger/seconds.ts';
import { TrafficGains, type TrafficTotals } from '../ledger/traffic-gains.ts';
import type { SpoolTally } from '../shipping/spool-tally.ts';

/** Entries of the state written in a second on average, 250 bytes each. */
const ENTRIES_PER_SECOND = 1_000;

export interface EdgeBooksOptions {
  readonly bus: Pick<Bus, 'send' | 'partitions'>;
  readonly edgeId: string;
  readonly serverId: string;
  readonly isLive: boolean;
  /** Of the state file; null: none is kept. */
  readonly directory: string | null;
  readonly onFailure: (error: unknown) => void;
}

/** An edge's ledger with what carries it: the clock, the state file, the topic. */
export class EdgeBooks {
  /** Who counts: this edge and this run of it, or these files. */
  origin: string;
  /** When this run began, µs; later than any before that the state file knows, also where the clock was set back. 0 for files. */
  readonly runUs: number;
  /** How the last run ended; null for files, and where nothing is known. */
  readonly before: LedgerState | null;
  private readonly options: EdgeBooksOptions;
  private ledger: EdgeLedger;
  private readonly publisher: LedgerPublisher;
  private readonly gains = new TrafficGains();
  /** Seconds of capturing are counted up to here. */
  private safeSecond: number;
  private secondsSinceSave = 0;

  /** @param startedMs When this run began. */
  constructor(options: EdgeBooksOptions, startedMs: number) {
    const { edgeId, serverId, isLive, directory } = options;
    this.options = options;
    this.before = directory === null || !isLive ? null : readLedgerState(statePath(directory));
    this.runUs = isLive ? Math.max(startedMs * 1000, (this.before?.runUs ?? -1) + 1) : 0;
    this.origin = `${edgeId}/${this.runUs}`;
    this.ledger = new EdgeLedger(this.origin, serverId || edgeId, !isLive);
    this.publisher = new LedgerPublisher(options.bus, options.onFailure);
    this.safeSecond = isLive ? Math.floor(startedMs / 1e3) : 0;
  }

  /** When the ledger was acknowledged last. */
  get lastAckMs(): number {
    return this.publisher.lastAckMs;
  }

  /** Files are named by when they begin, so that reading them again counts under the same name. To be called before anything is counted. */
  nameByFirstPacket(timeUs: number): void {
    const { edgeId, serverId } = this.options;
    this.origin = `${edgeId}/${serverId === '' ? '' : `${serverId}/`}files from ${timeUs}`;
    this.ledger = new EdgeLedger(this.origin, serverId || edgeId, true);
  }

  /**
   * Goes on with the books of the last run: what it had neither delivered nor on disk is lost, and so are the seconds since.
   * @returns These seconds.
   */
  resume(spooled: SpoolTally, nowMs: number): number {
    const { before } = this;
    if (before === null) return 0;
    this.ledger.restore(before.entries);
    const onDisk = new Map<string, number>();
    for (const { origin, minuteMs, messages } of spooled.entries()) onDisk.set(`${minuteMs} ${origin}`, messages);
    for (const { origin, minuteMs, unit, open } of before.entries) {
      const gone = open - (onDisk.get(`${minuteMs} ${origin}`) ?? 0);
      if (unit === 'messages' && gone > 0) this.ledger.lost(origin, minuteMs, gone, 'capture_not_running', nowMs);
    }
    const spans = secondsByMinute(before.safeSecond, this.safeSecond);
    for (const { minuteMs, seconds } of spans)
      this.ledger.gain(minuteMs, [{ unit: 'seconds', passedOn: 0, lost: { capture_not_running: seconds } }], nowMs);
    return Math.max(0, this.safeSecond - before.safeSecond);
  }

  /** @param timeMs Capture time. @returns The minute in which messages sealed now are counted. */
  sealed(timeMs: number, messages: number, nowMs: number): number {
    const minuteMs = this.ledger.minuteOf(timeMs);
    if (messages > 0) this.ledger.sealed(minuteMs, messages, nowMs);
    return minuteMs;
  }

  acked(origin: string, minuteMs: number, messages: number): void {
    this.ledger.acked(origin, minuteMs, messages, Date.now());
  }

  lost(origin: string, minuteMs: number, messages: number, reason: LedgerReason): void {
    this.ledger.lost(origin, minuteMs, messages, reason, Date.now());
  }

  /** Counts what came since the last call in the minute of this capture time. */
  countTraffic(totals: TrafficTotals, timeMs: number, nowMs: number): void {
    this.ledger.gain(this.ledger.minuteOf(timeMs), this.gains.take(totals), nowMs);
  }

  /** Counts seconds of capturing up to this time: everything captured before has arrived or is on disk. */
  countSeconds(safeMs: number, nowMs: number): void {
    const safeSecond = Math.floor(safeMs / 1000);
    for (const { minuteMs, seconds } of secondsByMinute(this.safeSecond, safeSecond))
      this.ledger.gain(this.ledger.minuteOf(minuteMs), [{ unit: 'seconds', passedOn: seconds, lost: {} }], nowMs);
    this.safeSecond = Math.max(this.safeSecond, safeSecond);
  }

  publish(minuteMs: number): Promise<void> {
    return this.publisher.publish(this.ledger, this.options.edgeId, minuteMs);
  }

  /** Publishes all there is. @throws What Kafka refused it with. */
  async publishAll(minuteMs: number): Promise<void> {
    // One may be under way already, with less in it.
    await this.publish(minuteMs);
    await this.publish(minuteMs);
    if (this.publisher.failure !== null) throw this.publisher.failure;
  }

  /** Keeps what the next run must know, once a second; more seldom where there is much of it, so that it costs next to nothing. */
  saveNowAndThen(partitions: number): void {
    if (++this.secondsSinceSave * ENTRIES_PER_SECOND < this.ledger.size) return;
    this.save(partitions);
  }

  /** Keeps what the next run must know. @returns false where the disk takes it not. */
  save(partitions: number): boolean {
    const { directory, isLive } = this.options;
    if (directory === null || !isLive) return true;
    this.secondsSinceSave = 0;
    return writeLedgerState(statePath(directory), {
      safeSecond: this.safeSecond,
      runUs: this.runUs,
      partitions,
      entries: this.ledger.entries(),
    });
  }
}

function statePath(directory: string): string {
  return join(directory, 'ledger.json');
}
