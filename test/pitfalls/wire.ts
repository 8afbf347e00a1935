import { Edge } from '../../edge/edge.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { AuditRow } from '../../schemas/audit-schema.ts';
import type { Loss } from '../../schemas/loss.ts';
import { DEFAULT_CAPABILITIES, decodeAll, greeting, loginPacket, packet, rows } from '../support/conversation.ts';
import { ACK, FIN, frame, type SegmentSpec, SYN } from '../support/segment-builder.ts';

/** A client and a server as captured packets: TCP below MySQL, 1 ms from packet to packet. */
export class Wire {
  readonly edge: Edge;
  private readonly batches: Buffer[] = [];
  private readonly clientPort: number;
  private clientSeq: number;
  private serverSeq = 5_000;
  private timeUs = 1_700_000_000_000_000;

  /** @param edge Several connections share one. */
  constructor(options: { clientPort?: number; seq?: number; after?: Wire } = {}) {
    this.clientPort = options.clientPort ?? 40_000;
    this.clientSeq = options.seq ?? 1_000;
    if (options.after !== undefined) {
      this.edge = options.after.edge;
      this.batches = options.after.batches;
      this.timeUs = options.after.timeUs;
      return;
    }
    const onBatch = (_: number, batch: Buffer) => this.batches.push(batch);
    this.edge = new Edge({ origin: { edgeId: '', runUs: 0, serverId: 'db1' }, ports: [3306], partitions: 1, onBatch });
  }

  /** SYN and SYN-ACK. */
  open(): this {
    this.capture({ seq: this.clientSeq, flags: SYN });
    this.clientSeq++;
    this.capture({ fromClient: false, seq: this.serverSeq, ack: this.clientSeq, flags: SYN | ACK });
    this.serverSeq++;
    return this;
  }

  login(capabilities = DEFAULT_CAPABILITIES): this {
    return this.server(greeting(capabilities))
      .client(loginPacket(capabilities))
      .server(packet(2, '00 00 00 0200 0000'));
  }

  client(data: Buffer): this {
    this.capture(this.nextOf(true, data));
    return this;
  }

  server(data: Buffer): this {
    this.capture(this.nextOf(false, data));
    return this;
  }

  /** The next segment of a side, sent but not captured yet. */
  nextOf(fromClient: boolean, data: Buffer): SegmentSpec {
    const [seq, ack] = fromClient ? [this.clientSeq, this.serverSeq] : [this.serverSeq, this.clientSeq];
    if (fromClient) this.clientSeq = (seq + data.length) >>> 0;
    else this.serverSeq = (seq + data.length) >>> 0;
    return { fromClient, seq, ack, data };
  }

  capture(spec: SegmentSpec): this {
    const bytes = frame({ clientPort: this.clientPort, ...spec });
    this.timeUs += 1_000;
    this.edge.onPacket(bytes, 0, bytes.length, bytes.length, this.timeUs, 1);
    return this;
  }

  close(): this {
    this.capture({ seq: this.clientSeq, ack: this.serverSeq, flags: FIN | ACK });
    return this.capture({ fromClient: false, seq: this.serverSeq, ack: this.clientSeq + 1, flags: FIN | ACK });
  }

  outputs(): (AuditEvent | Loss)[] {
    this.edge.end(this.timeUs);
    return decodeAll(this.batches);
  }

  /** Ends the capture; events without logins. */
  events(): AuditRow[] {
    return rows(this.outputs()).filter((row) => row.command !== 'connect');
  }
}
