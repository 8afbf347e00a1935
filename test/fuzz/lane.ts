import { Framer } from '../../edge/framer/framer.ts';
import { MessageShipper } from '../../edge/framer/message-shipper.ts';
import type { Connection } from '../../edge/tcp/connection.ts';
import type { Step } from './message-case.ts';

const ARENA_BYTES = 64 * 1024;
const MARGIN_BYTES = 64;
const START_US = 1_700_000_000_000_000;

/**
 * A framer whose input lies in a larger buffer that is filled with one byte, before and after the input and again after each
 * call: two lanes with different fill give the same batches only if nothing is read outside the input or after the call.
 */
export class Lane {
  /** Batches since the last `take`. */
  batches: Buffer[] = [];
  private readonly shipper: MessageShipper;
  private readonly framer: Framer;
  private readonly arena: Buffer;
  private readonly fill: number;

  constructor(fill: number) {
    this.fill = fill;
    this.arena = Buffer.alloc(ARENA_BYTES, fill);
    this.shipper = new MessageShipper({ edgeId: '', runUs: 0, serverId: 'db1' }, 1, 132 * 1024, (_partition, batch) =>
      this.batches.push(batch),
    );
    this.framer = new Framer('db1', this.shipper);
  }

  /** Messages shipped so far. */
  get messages(): number {
    return this.shipper.messages;
  }

  run(steps: readonly Step[], sawSyn: boolean, number: number): void {
    const connection = connectionOf(sawSyn, number);
    const { framer } = this;
    let timeUs = START_US;
    framer.onOpen(connection);
    for (const { fromClient, bytes, lostBytes } of steps) {
      timeUs += 100;
      if (lostBytes > 0) framer.onGap(connection, fromClient, lostBytes, timeUs);
      if (bytes.length > 0) this.deliver(connection, fromClient, bytes, timeUs);
    }
    framer.onClose(connection, 'fin', timeUs);
  }

  take(): Buffer[] {
    this.shipper.flush();
    const { batches } = this;
    this.batches = [];
    return batches;
  }

  private deliver(connection: Connection, fromClient: boolean, bytes: Buffer, timeUs: number): void {
    const needed = bytes.length + 2 * MARGIN_BYTES;
    const arena = needed <= this.arena.length ? this.arena : Buffer.alloc(needed, this.fill);
    const end = MARGIN_BYTES + bytes.copy(arena, MARGIN_BYTES);
    this.framer.onData(connection, fromClient, arena, MARGIN_BYTES, end, timeUs);
    arena.fill(this.fill, MARGIN_BYTES, end);
  }
}

function connectionOf(sawSyn: boolean, number: number): Connection {
  return {
    clientAddress: Uint32Array.of(0, 0, 0xffff, 0x0a000001 + (number >>> 15)),
    clientPort: 1024 + (number & 0x7fff),
    serverAddress: Uint32Array.of(0, 0, 0xffff, 0x0a000002),
    serverPort: 3306,
    openedUs: START_US,
    openedSeq: 1000,
    sawSyn,
    session: null,
  } as Connection;
}
