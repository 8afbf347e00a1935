/** Bytes of TCP streams that are in no MySQL message; plain totals since the start. */
export class FramerCounters {
  /** Encrypted. */
  tlsBytes = 0;
  /** Not understood as MySQL. */
  unreadableBytes = 0;
}
