import { writeConnection } from '../../schemas/connection-payload.ts';
import { CONNECTION_BYTES } from '../../schemas/message-batch.ts';

/** What `MessageBatchWriter.announce` takes. */
export function connectionPayload(
  uid: Uint8Array,
  clientAddress: Uint32Array,
  clientPort: number,
  serverAddress: Uint32Array,
  serverPort: number,
): DataView {
  const view = new DataView(new ArrayBuffer(CONNECTION_BYTES));
  writeConnection(view, 0, uid, clientAddress, clientPort, serverAddress, serverPort, true);
  return view;
}
