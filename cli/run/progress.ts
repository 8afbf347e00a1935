import type { Edge } from '../../edge/edge.ts';
import type { PacketSource } from '../../edge/sources/packet-source.ts';
import type { Decode } from '../../processors/decode/decode.ts';
import { grouped } from '../output/grouped.ts';

const FILE_EVERY_MS = 500;
const LIVE_EVERY_MS = 10_000;

export interface ProgressParts {
  readonly isLive: boolean;
  readonly edge: Edge;
  readonly sources: readonly PacketSource[];
  readonly decode: Decode;
  /** Batches that wait for a processor. */
  readonly queue: () => number;
  /** Events that the masking policy dropped. */
  readonly droppedByPolicy: () => number;
  /** Rows that reached the store; null without one. */
  readonly rowsWritten: () => number | null;
}

/**
 * What a person sees on stderr of a long run: for files a line that renews itself (terminals only) with packets, statements
 * and rate; live, every 10 s a line with what came in and what was lost on the way. Counts of a line are totals.
 */
export class Progress {
  private readonly parts: ProgressParts;
  private readonly startedMs: number;
  private lastMs: number;
  private lastPackets = 0;
  private isLineOpen = false;

  constructor(parts: ProgressParts, nowMs: number) {
    this.parts = parts;
    this.startedMs = nowMs;
    this.lastMs = nowMs;
  }

  tick(nowMs: number): void {
    const { isLive } = this.parts;
    if (nowMs - this.lastMs < (isLive ? LIVE_EVERY_MS : FILE_EVERY_MS)) return;
    const seconds = (nowMs - this.lastMs) / 1000;
    if (isLive) process.stderr.write(`${this.liveLine(seconds)}\n`);
    else if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${this.fileLine(seconds)}`);
      this.isLineOpen = true;
    }
    this.lastMs = nowMs;
    this.lastPackets = this.parts.edge.packetCounters.packets;
  }

  /** The last line of a run. */
  summary(nowMs: number): void {
    const { edge, decode, sources } = this.parts;
    const seconds = Math.max(0.001, (nowMs - this.startedMs) / 1000);
    const { packets } = edge.packetCounters;
    const { gaps, gapBytes, connectionsOpened } = edge.tcpCounters;
    const { commands } = decode.counters;
    if (this.isLineOpen) process.stderr.write('\r\x1b[K');
    const rate = Math.round(commands / seconds);
    process.stderr.write(
      `${grouped(packets)} packets, ${grouped(connectionsOpened)} connections, ${grouped(commands)} commands in ${seconds.toFixed(1)} s (${grouped(rate)}/s); ${lossText(gaps, gapBytes)}\n`,
    );
    const dropped = this.parts.droppedByPolicy();
    if (dropped > 0) process.stderr.write(`${grouped(dropped)} events were dropped, as masking.drop asks for.\n`);
    for (const source of sources) {
      if (source.counters().truncated)
        process.stderr.write(`${source.name} ends inside a packet: it was cut. All whole packets were used.\n`);
    }
    const { unknownLink, unknownLinkType, nestedTooDeep } = edge.packetCounters;
    if (nestedTooDeep > 0) {
      process.stderr.write(`${grouped(nestedTooDeep)} packets were not read: too many tunnels inside each other.\n`);
    }
    if (unknownLink > 0) {
      process.stderr.write(`${grouped(unknownLink)} packets were not read: their link type is ${unknownLinkType}.\n`);
    }
    if (packets > 0 && connectionsOpened === 0) {
      process.stderr.write(
        'None of the packets belongs to the watched ports. Name the port of the server with --port.\n',
      );
    }
  }

  private fileLine(seconds: number): string {
    const { edge, decode, sources } = this.parts;
    let read = 0;
    let size: number | null = 0;
    for (const source of sources) {
      const counters = source.counters();
      read += counters.readBytes;
      size = size === null || counters.sizeBytes === null ? null : size + counters.sizeBytes;
    }
    const share = size === null || size === 0 ? '' : `${Math.floor((100 * read) / size)} %, `;
    const rate = (edge.packetCounters.packets - this.lastPackets) / seconds;
    return `${share}${grouped(edge.packetCounters.packets)} packets (${grouped(Math.round(rate))}/s), ${grouped(decode.counters.commands)} commands`;
  }

  private liveLine(seconds: number): string {
    const { edge, sources, queue, droppedByPolicy, rowsWritten } = this.parts;
    const { packets } = edge.packetCounters;
    const source = sources[0]!.counters();
    const known = (dropped: number | null) => (dropped === null ? 'unknown' : grouped(dropped));
    const rows = rowsWritten();
    const dropped = droppedByPolicy();
    return (
      `packets ${grouped(packets)} (${grouped(Math.round((packets - this.lastPackets) / seconds))}/s), valid ${grouped(edge.tcpCounters.dataSegments)}, ` +
      `dropped by kernel ${known(source.droppedByKernel)}, by interface ${known(source.droppedByInterface)}, ` +
      `${lossText(edge.tcpCounters.gaps, edge.tcpCounters.gapBytes)}, queue ${queue()}${dropped === 0 ? '' : `, dropped by policy ${grouped(dropped)}`}${rows === null ? '' : `, rows written ${grouped(rows)}`}`
    );
  }
}

function lossText(gaps: number, gapBytes: number): string {
  return gaps === 0 ? 'gaps 0' : `gaps ${grouped(gaps)} (${grouped(gapBytes)} bytes)`;
}
