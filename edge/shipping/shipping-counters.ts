/** What became of sealed batches; plain totals since the start, but for the gauges. */
export class ShippingCounters {
  sentBatches = 0;
  sentBytes = 0;
  sentMessages = 0;
  /** Requests that Kafka acknowledged, and attempts that failed. */
  requests = 0;
  failures = 0;
  /** Batches that went by way of the disk. */
  spooledBatches = 0;
  spooledBytes = 0;
  /** Messages that were dropped: no room in memory and on disk, unreadable on disk, or refused by Kafka. */
  lostMessages = 0;
  /** When Kafka acknowledged something last, ms since the epoch; 0 before the first. */
  lastAckMs = 0;
}
