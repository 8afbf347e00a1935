import { PacketDecoder } from '../../../edge/packet/packet-decoder.ts';
import { DEFAULT_FLOW_LIMITS, type FlowLimits } from '../../../edge/tcp/flow-limits.ts';
import { FlowTable } from '../../../edge/tcp/flow-table.ts';
import { ACK, frame, type SegmentSpec, SYN } from '../../support/segment-builder.ts';
import { RecordingHandler } from './recording-handler.ts';

/** Sequence numbers in tests count from 100 on the client's side and from 500 on the server's. */
export const C = 100;
export const S = 500;

/** A flow table behind a decoder, fed with built segments 1 ms apart. */
export class Conversation {
  readonly handler = new RecordingHandler();
  readonly table: FlowTable;
  readonly decoder: PacketDecoder;
  timeUs = 1_700_000_000_000_000;

  constructor(limits: Partial<FlowLimits> = {}, ports: number[] = [3306]) {
    this.table = new FlowTable({
      ports,
      handler: this.handler,
      limits: { ...DEFAULT_FLOW_LIMITS, maxConnections: 64, ...limits },
    });
    this.decoder = new PacketDecoder(this.table);
  }

  get events(): string[] {
    return this.handler.events;
  }

  packet(spec: SegmentSpec, capturedBytes?: number): this {
    const bytes = frame(spec);
    this.timeUs += 1000;
    this.decoder.packet(bytes, 0, capturedBytes ?? bytes.length, bytes.length, this.timeUs, 1);
    return this;
  }

  client(seq: number, ack: number, data = '', flags = ACK): this {
    return this.packet({ seq, ack, data, flags });
  }

  server(seq: number, ack: number, data = '', flags = ACK): this {
    return this.packet({ fromClient: false, seq, ack, data, flags });
  }

  /** The three-way handshake after which the client stands at C and the server at S. */
  handshake(): this {
    return this.client(C - 1, 0, '', SYN)
      .server(S - 1, C, '', SYN | ACK)
      .client(C, S);
  }

  wait(microseconds: number): this {
    this.timeUs += microseconds;
    this.decoder.tick(this.timeUs);
    return this;
  }

  end(): string[] {
    this.decoder.end(this.timeUs);
    return this.events;
  }
}
