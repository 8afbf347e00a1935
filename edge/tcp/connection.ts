import type { HalfConnection } from './half-connection.ts';

/**
 * One TCP connection between a client and a MySQL server. Addresses are four 32-bit words, network order; IPv4 as
 * ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
 */
export interface Connection {
  readonly clientAddress: Uint32Array;
  readonly clientPort: number;
  readonly serverAddress: Uint32Array;
  readonly serverPort: number;
  /** Capture time of the first segment seen, and its sequence number: with the addresses they name this connection. */
  readonly openedUs: number;
  readonly openedSeq: number;
  /** The opening SYN or SYN-ACK was captured, so the streams start at their first byte. */
  readonly sawSyn: boolean;
  readonly client: HalfConnection;
  readonly server: HalfConnection;
  /** Slot of the layer above (the framer's session); reassembly never looks at it. */
  session: unknown;
}
