/** Writes what a batch announces of a connection: CONNECTION_BYTES at `at` (layout in `message-batch.ts`). */
export function writeConnection(
  view: DataView,
  at: number,
  uid: Uint8Array,
  clientAddress: Uint32Array,
  clientPort: number,
  serverAddress: Uint32Array,
  serverPort: number,
  sawSyn: boolean,
): void {
  for (let i = 0; i < 16; i++) view.setUint8(at + i, uid[i]!);
  for (let i = 0; i < 4; i++) {
    view.setUint32(at + 16 + i * 4, clientAddress[i]!);
    view.setUint32(at + 32 + i * 4, serverAddress[i]!);
  }
  view.setUint16(at + 48, clientPort, true);
  view.setUint16(at + 50, serverPort, true);
  view.setUint32(at + 52, sawSyn ? 1 : 0, true);
}
