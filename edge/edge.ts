// Hot path
import type { BatchOrigin } from '../schemas/message-batch.ts';
import { Framer } from './framer/framer.ts';
import type { FramerCounters } from './framer/framer-counters.ts';
import { type BatchSink, MessageShipper } from './framer/message-shipper.ts';
import { Admission } from './guard/admission.ts';
import type { PacketCounters } from './packet/packet-counters.ts';
import { PacketDecoder } from './packet/packet-decoder.ts';
import type { PacketHandler } from './sources/packet-source.ts';
import { DEFAULT_FLOW_LIMITS, type FlowLimits } from './tcp/flow-limits.ts';
import { FlowTable } from './tcp/flow-table.ts';
import type { TcpCounters } from './tcp/tcp-counters.ts';

/** Size of a batch of messages: large enough that the cost per record vanishes, small enough that many partitions fit in memory. */
const BATCH_BYTES = 256 * 1024;
const MINUTE_US = 60_000_000;

export interface EdgeOptions {
  /** Goes with every batch. */
  readonly origin: BatchOrigin;
  /** TCP ports of MySQL servers. */
  readonly ports: readonly number[];
  /** Partitions of the messages topic. */
  readonly partitions: number;
  /** Takes finished batches; called from within `packet`, `flush`, `shed` and `end`. */
  readonly onBatch: BatchSink;
  /** Share of the connections that is read, 0 to 1 (default 1); the others are counted. */
  readonly sampleShare?: number;
  /** Called when a packet of another capture minute comes, before anything of it is counted. */
  readonly onMinute?: (timeUs: number) => void;
  readonly limits?: FlowLimits;
}

/** Packets in, batches of framed MySQL messages out. Everything here is synchronous; time is the packets' own. */
export class Edge {
  /** To be given to a packet source. */
  readonly onPacket: PacketHandler;
  readonly packetCounters: PacketCounters;
  readonly tcpCounters: TcpCounters;
  readonly framerCounters: FramerCounters;
  /** Capture time of the packet seen last, µs; 0 before the first. */
  lastPacketUs = 0;
  private minuteStartUs = 0;
  private readonly shipper: MessageShipper;
  private readonly framer: Framer;
  private readonly packets: PacketDecoder;
  private readonly flows: FlowTable;
  private readonly admission: Admission;

  constructor(options: EdgeOptions) {
    const { origin, ports, partitions, onBatch, onMinute } = options;
    this.shipper = new MessageShipper(origin, partitions, BATCH_BYTES, onBatch);
    const handler = new Framer(origin.serverId, this.shipper);
    this.framer = handler;
    this.framerCounters = handler.counters;
    this.admission = new Admission(origin.serverId, options.sampleShare ?? 1);
    const admit = this.admission.decide.bind(this.admission);
    this.flows = new FlowTable({ ports, handler, limits: options.limits ?? DEFAULT_FLOW_LIMITS, admit });
    this.packets = new PacketDecoder(this.flows);
    this.packetCounters = this.packets.counters;
    this.tcpCounters = this.flows.counters;
    this.onPacket = (bytes, start, end, originalBytes, timeUs, linkType) => {
      if (timeUs - this.minuteStartUs >= MINUTE_US || timeUs < this.minuteStartUs) {
        onMinute?.(timeUs);
        this.minuteStartUs = timeUs - (timeUs % MINUTE_US);
      }
      this.lastPacketUs = timeUs;
      handler.beginPacket();
      this.packets.packet(bytes, start, end, originalBytes, timeUs, linkType);
    };
  }

  /** Messages handed on so far. */
  get messages(): number {
    return this.shipper.messages;
  }

  /** Capture minute of the packet seen last, ms since the epoch; 0 before the first. */
  get minuteMs(): number {
    return this.minuteStartUs / 1000;
  }

  /** Tells every partition that this run has begun, so that connections of the last one end there. */
  announceRun(): void {
    this.shipper.announceRun();
  }

  /** Leaves out this share of the connections that open from now on (0 to 1); those that are open go on. */
  shedNew(share: number): void {
    this.admission.shedShare = share;
  }

  /** Leaves out open connections too, those that `shedNew` would. @returns How many. */
  shedOpen(nowUs: number): number {
    return this.flows.shed((connection) => this.admission.isShed(this.framer.uid(connection)), nowUs);
  }

  /** To be called some times a second in a live capture, where packets may stop coming. */
  tick(nowUs: number): void {
    this.packets.tick(nowUs);
  }

  /** Hands on what is packed so far. */
  flush(): void {
    this.shipper.flush();
  }

  /** The source ended: closes every connection and hands on the rest. */
  end(nowUs: number): void {
    this.packets.end(nowUs);
    this.shipper.flush();
  }
}
