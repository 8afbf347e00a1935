/** Bounds of TCP reassembly; each states what happens at it. */
export interface FlowLimits {
  /** Flows kept, closed ones included. Beyond: the oldest closed one is forgotten, else one without data, else the longest idle is evicted. */
  readonly maxConnections: number;
  /** A connection silent for longer (capture time, µs) is closed as `idle`. */
  readonly idleUs: number;
  /** Bytes held for one half-connection (with 512 for each segment). Beyond: its first hole is declared a gap. */
  readonly heldBytesPerHalf: number;
  /** Bytes held by all connections. Beyond: the connection that has waited longest gives up its first hole. */
  readonly heldBytes: number;
}

/** 8 h is MySQL's own `wait_timeout`: a server has dropped whatever is silent for longer. */
export const DEFAULT_FLOW_LIMITS: FlowLimits = {
  maxConnections: 100_000,
  idleUs: 8 * 3600 * 1_000_000,
  heldBytesPerHalf: 1024 * 1024,
  heldBytes: 64 * 1024 * 1024,
};
