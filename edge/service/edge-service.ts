import { setTimeout as sleep } from 'node:timers/promises';
import { SqltrailError } from '../../runtime/errors.ts';
import { TOPIC } from '../../schemas/topics.ts';
import { Edge } from '../edge.ts';
import { Guard } from '../guard/guard.ts';
import { HostUsage } from '../guard/host-usage.ts';
import type { TrafficTotals } from '../ledger/traffic-gains.ts';
import { Shipping } from '../shipping/shipping.ts';
import { Spool } from '../shipping/spool.ts';
import { lockSpool } from '../shipping/spool-lock.ts';
import type { PacketSource } from '../sources/packet-source.ts';
import { EdgeBooks } from './edge-books.ts';
import type { EdgeServiceOptions } from './edge-service-options.ts';

const SECOND_MS = 1_000;
const TICK_MS = 100;
/** tcpdump hands packets on up to 1 s late: for the capture, time has passed only after that. */
const CAPTURE_DELAY_US = 2_000_000;
/** Kafka must say by then how many partitions there are, where it once has; else it is waited for. */
const PARTITIONS_LIMIT_MS = 3_000;
const PARTITIONS_RETRY_MS = 2_000;

/** An edge at work: sources → edge → shipping → bus, with its books and its guard. */
export class EdgeService {
  edge: Edge | null = null;
  shipping: Shipping | null = null;
  readonly spool: Spool | null;
  readonly guard = new Guard();
  readonly usage = new HostUsage();
  /** As sampled last. */
  used = { cpuCores: 0, memoryBytes: 0 };
  isAway = false;
  private readonly options: EdgeServiceOptions;
  private readonly books: EdgeBooks;
  private readonly unlock: () => void;
  private partitions = 0;
  /** The one that is read. */
  private source: PacketSource | null = null;

  /** Takes the spool directory. @throws SqltrailError `spool_failed`. */
  constructor(options: EdgeServiceOptions, startedMs: number) {
    this.options = options;
    // Before it is opened, which cuts off what a killed edge had not finished: or a living one has not yet.
    this.unlock = options.spool === null ? () => undefined : lockSpool(options.spool.directory);
    try {
      this.spool = options.spool === null ? null : Spool.open(options.spool.directory, options.spool.maxBytes);
    } catch (error) {
      this.unlock();
      throw error;
    }
    const { bus, edgeId, serverId, isLive } = options;
    const directory = options.spool?.directory ?? null;
    const onFailure = (error: unknown) => options.onEvent({ kind: 'failure', error });
    this.books = new EdgeBooks({ bus, edgeId, serverId, isLive, directory, onFailure }, startedMs);
  }

  /** When Kafka acknowledged something last, ms since the epoch; 0 before. */
  get lastAckMs(): number {
    return Math.max(this.shipping?.counters.lastAckMs ?? 0, this.books.lastAckMs);
  }

  /**
   * Captures until the sources end or the signal aborts, and ships what it captured. Files: until Kafka has acknowledged all.
   * @throws SqltrailError of a source, or of Kafka where it refuses for good.
   */
  async run(signal: AbortSignal): Promise<void> {
    let timers: NodeJS.Timeout[] = [];
    try {
      this.partitions = await this.findPartitions(signal);
      if (this.partitions === 0) return;
      const { edge, shipping } = this.start();
      timers = this.startTimers(edge, shipping);
      await this.capture(edge, shipping, signal);
      for (const timer of timers) clearInterval(timer);
      edge.end(edge.lastPacketUs);
      this.countTraffic(edge);
      await this.finish(shipping);
    } finally {
      for (const timer of timers) clearInterval(timer);
      await this.shipping?.close();
      if (this.partitions > 0) this.books.save(this.partitions);
      this.unlock();
    }
  }

  private start(): { edge: Edge; shipping: Shipping } {
    const { options, books, spool } = this;
    const nowMs = Date.now();
    if (spool !== null) {
      if (!spool.isEmpty || spool.cutBytes > 0)
        options.onEvent({ kind: 'spool_found', bytes: spool.bytes, cutBytes: spool.cutBytes });
      const seconds = books.resume(spool.tally(), nowMs);
      if (seconds > 0) options.onEvent({ kind: 'not_running', seconds });
      books.save(this.partitions);
    }
    const shipping = new Shipping({
      bus: options.bus,
      topic: TOPIC.messages,
      spool,
      overflow: options.isLive ? 'drop' : 'wait',
      onAcked: ({ origin, minuteMs, messages }) => books.acked(origin, minuteMs, messages),
      onLost: ({ origin, minuteMs, messages }, reason) => books.lost(origin, minuteMs, messages, reason),
      onFailure: (error) => options.onEvent({ kind: 'failure', error }),
    });
    const edge: Edge = new Edge({
      origin: { edgeId: options.edgeId, runUs: books.runUs, serverId: options.serverId },
      ports: options.ports,
      partitions: this.partitions,
      sampleShare: options.sampleShare,
      onMinute: (timeUs) => {
        if (edge.lastPacketUs > 0) this.countTraffic(edge);
        else if (!options.isLive) books.nameByFirstPacket(timeUs);
      },
      onBatch: (partition, value, messages) => {
        const sealedMs = Date.now();
        const minuteMs = books.sealed(edge.minuteMs || sealedMs, messages, sealedMs);
        shipping.push({ partition, value, messages, origin: books.origin, minuteMs }, sealedMs);
        if (shipping.isFull) this.source?.pause();
      },
    });
    this.edge = edge;
    this.shipping = shipping;
    if (options.isLive) edge.announceRun();
    return { edge, shipping };
  }

  private startTimers(edge: Edge, shipping: Shipping): NodeJS.Timeout[] {
    const { isLive, lingerMs } = this.options;
    const timers = [
      setInterval(() => shipping.tick(Date.now()), TICK_MS),
      setInterval(() => this.everySecond(edge, shipping), SECOND_MS),
    ];
    if (isLive) {
      timers.push(setInterval(() => edge.flush(), Math.max(1, lingerMs)));
      timers.push(setInterval(() => edge.tick(Date.now() * 1000 - CAPTURE_DELAY_US), TICK_MS));
    }
    return timers;
  }

  private async capture(edge: Edge, shipping: Shipping, signal: AbortSignal): Promise<void> {
    const afterChunk = () => shipping.room() ?? undefined;
    for (this.source of this.options.sources) {
      if (!signal.aborted) await this.source.run(edge.onPacket, afterChunk, signal);
    }
  }

  /** Files wait for Kafka as long as it takes; a live capture as long as it may. */
  private async finish(shipping: Shipping): Promise<void> {
    const { isLive, drainMs, onEvent } = this.options;
    const timer = setInterval(() => shipping.tick(Date.now()), TICK_MS);
    try {
      const idle = shipping.idle();
      const isDrained = isLive ? await within(idle, drainMs) : await idle.then(() => true);
      if (!isDrained) {
        await shipping.close();
        onEvent({ kind: 'left_in_spool', bytes: this.spool?.bytes ?? 0 });
      }
      const nowMs = Date.now();
      if (isLive) this.books.countSeconds(nowMs, nowMs);
      if (!isLive) await this.books.publishAll(this.minuteMs);
      // What Kafka does not take of a live ledger any more, the next run publishes from the state file.
      else await within(this.books.publishAll(this.minuteMs), isDrained ? drainMs : 0).catch(() => undefined);
    } finally {
      clearInterval(timer);
    }
  }

  private everySecond(edge: Edge, shipping: Shipping): void {
    const { isLive, onEvent } = this.options;
    const nowMs = Date.now();
    const isAway = shipping.isAway(nowMs);
    if (isAway !== this.isAway) {
      this.isAway = isAway;
      onEvent({ kind: 'away', isAway });
    }
    if (isLive) {
      // Files are counted where their minutes end alone, so that a second reading counts the same.
      this.countTraffic(edge);
      // What waits in pipes and rings is in memory alone as well.
      this.books.countSeconds((shipping.unsafeSinceMs ?? nowMs) - CAPTURE_DELAY_US / 1000, nowMs);
      this.watch(edge, nowMs);
    }
    void this.books.publish(this.minuteMs);
    this.books.saveNowAndThen(this.partitions);
  }

  private watch(edge: Edge, nowMs: number): void {
    const { limits, spool } = this.options;
    this.used = this.usage.sample(nowMs);
    const before = this.guard.share;
    const shedsOpen = this.guard.tick({
      cpu: this.used.cpuCores / limits.cpuCores,
      memory: this.used.memoryBytes / limits.memoryBytes,
      // Full is too late: then batches are lost in the middle of all connections.
      spool: spool === null ? 0 : (this.spool?.bytes ?? 0) / (0.9 * spool.maxBytes),
    });
    edge.shedNew(this.guard.share);
    const connections = shedsOpen ? edge.shedOpen(edge.lastPacketUs) : 0;
    if (this.guard.share !== before || connections > 0)
      this.options.onEvent({ kind: 'shedding', share: this.guard.share, connections });
  }

  private get minuteMs(): number {
    return this.edge?.minuteMs || Date.now();
  }

  private countTraffic(edge: Edge): void {
    const nowMs = Date.now();
    this.books.countTraffic(this.totals(edge), edge.minuteMs || nowMs, nowMs);
  }

  private totals(edge: Edge): TrafficTotals {
    let droppedByKernel = 0;
    let droppedByInterface = 0;
    for (const source of this.options.sources) {
      const counters = source.counters();
      droppedByKernel += counters.droppedByKernel ?? 0;
      droppedByInterface += counters.droppedByInterface ?? 0;
    }
    return { tcp: edge.tcpCounters, framer: edge.framerCounters, droppedByKernel, droppedByInterface };
  }

  /** A live edge starts while Kafka is away, where it has once seen how many there are. 0: asked to stop before it knew. */
  private async findPartitions(signal: AbortSignal): Promise<number> {
    const { bus, onEvent } = this.options;
    const known = this.books.before?.partitions ?? null;
    const stopped = new Promise<0>((resolve) => signal.addEventListener('abort', () => resolve(0), { once: true }));
    while (!signal.aborted) {
      try {
        const asked = bus.partitions(TOPIC.messages);
        // A bus may wait for its brokers as long as they are away.
        const found = await within(Promise.race([asked, stopped]), PARTITIONS_LIMIT_MS);
        if (typeof found === 'number') return found;
        if (known !== null) return known;
        onEvent({ kind: 'partitions_unknown', error: null });
        return await Promise.race([asked, stopped]);
      } catch (error) {
        if (!(error instanceof SqltrailError) || !error.retriable) throw error;
        if (known !== null) return known;
        onEvent({ kind: 'partitions_unknown', error });
        await sleep(PARTITIONS_RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return 0;
  }
}

/** The promise's value (true where it has none); false where it takes longer. */
async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  promise.catch(() => undefined);
  const value = await Promise.race([promise.then((each) => each ?? true), late]);
  clearTimeout(timer);
  return value;
}
