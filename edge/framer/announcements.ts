// Hot path
import { writeConnection } from '../../schemas/connection-payload.ts';
import { CONNECTION_BYTES } from '../../schemas/message-batch.ts';
import type { Connection } from '../tcp/connection.ts';

const FIRST_ROWS = 64;

/**
 * What batches say of each open connection, as it stands in them and side by side: with thousands of connections nearly every message
 * needs one, and its parts would lie scattered over the heap. An announcement is named by where it begins.
 */
export class Announcements {
  view = new DataView(new ArrayBuffer(FIRST_ROWS * CONNECTION_BYTES));
  private end = 0;
  private readonly free: number[] = [];

  /** @param uid 16 bytes. */
  add(uid: Uint8Array, connection: Connection): number {
    const at = this.free.pop() ?? this.newRow();
    const { clientAddress, clientPort, serverAddress, serverPort, sawSyn } = connection;
    writeConnection(this.view, at, uid, clientAddress, clientPort, serverAddress, serverPort, sawSyn);
    return at;
  }

  /** The connection has closed. */
  remove(at: number): void {
    this.free.push(at);
  }

  uid(at: number): Uint8Array {
    return new Uint8Array(this.view.buffer, at, 16);
  }

  private newRow(): number {
    const at = this.end;
    this.end += CONNECTION_BYTES;
    if (this.end > this.view.byteLength) {
      const grown = new Uint8Array(2 * this.view.byteLength);
      grown.set(new Uint8Array(this.view.buffer));
      this.view = new DataView(grown.buffer);
    }
    return at;
  }
}
