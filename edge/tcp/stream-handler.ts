import type { Connection } from './connection.ts';

/** Why a connection's capture ended: both FINs, a RST, silence, memory, the same ports opened anew, the guard, or the end of the input. */
export type CloseReason = 'fin' | 'rst' | 'idle' | 'evicted' | 'reused' | 'shed' | 'end_of_input';

/**
 * What TCP reassembly tells the layer above. For each half-connection every byte is delivered exactly once and in order, or
 * reported as missing. The two halves are delivered in causal order: bytes that acknowledge the other half's bytes come after
 * those bytes (or after the gap that stands for them).
 */
export interface StreamHandler {
  /** The first segment of a connection, before any data. `connection.sawSyn` tells whether its start was captured. */
  onOpen(connection: Connection, timeUs: number): void;
  /**
   * Hot path.
   * @param bytes A view that is valid only during the call; copy what you keep.
   * @param timeUs Capture time of the segment that brought these bytes.
   */
  onData(connection: Connection, fromClient: boolean, bytes: Buffer, start: number, end: number, timeUs: number): void;
  /** `missingBytes` of one half were never captured; what follows continues after them. */
  onGap(connection: Connection, fromClient: boolean, missingBytes: number, timeUs: number): void;
  /** Nothing follows for this connection. Called once for each onOpen. */
  onClose(connection: Connection, reason: CloseReason, timeUs: number): void;
}
