import type { BatchOrigin } from '../schemas/message-batch.ts';
import { Framer } from './framer/framer.ts';
import { type BatchSink, MessageShipper } from './framer/message-shipper.ts';
import type { PacketCounters } from './packet/packet-counters.ts';
import { PacketDecoder } from './packet/packet-decoder.ts';
import type { PacketHandler } from './sources/packet-source.ts';
import { DEFAULT_FLOW_LIMITS } from './tcp/flow-limits.ts';
import { FlowTable } from './tcp/flow-table.ts';
import type { TcpCounters } from './tcp/tcp-counters.ts';

/** Size of a batch of messages: large enough that the cost per record vanishes, small enough that many partitions fit in memory. */
export const BATCH_BYTES = 256 * 1024;

export interface EdgeOptions {
  /** Goes with every batch. */
  readonly origin: BatchOrigin;
  /** TCP ports of MySQL servers. */
  readonly ports: readonly number[];
  /** Partitions of the messages topic. */
  readonly partitions: number;
  /** Takes finished batches; called from within `packet`, `flush` and `end`. */
  readonly onBatch: BatchSink;
}

/** Packets in, batches of framed MySQL messages out. Everything here is synchronous; time is the packets' own. */
export class Edge {
  /** To be given to a packet source. */
  readonly onPacket: PacketHandler;
  readonly packetCounters: PacketCounters;
  readonly tcpCounters: TcpCounters;
  /** Capture time of the packet seen last, µs; 0 before the first. */
  lastPacketUs = 0;
  private readonly shipper: MessageShipper;
  private readonly packets: PacketDecoder;

  constructor(options: EdgeOptions) {
    this.shipper = new MessageShipper(options.origin, options.partitions, BATCH_BYTES, options.onBatch);
    const handler = new Framer(options.origin.serverId, this.shipper);
    const flows = new FlowTable({ ports: options.ports, handler, limits: DEFAULT_FLOW_LIMITS });
    this.packets = new PacketDecoder(flows);
    this.packetCounters = this.packets.counters;
    this.tcpCounters = flows.counters;
    this.onPacket = (bytes, start, end, originalBytes, timeUs, linkType) => {
      this.lastPacketUs = timeUs;
      this.packets.packet(bytes, start, end, originalBytes, timeUs, linkType);
    };
  }

  /** Messages handed on so far. */
  get messages(): number {
    return this.shipper.messages;
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
