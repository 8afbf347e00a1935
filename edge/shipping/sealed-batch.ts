/** A batch of messages on its way to the topic, and what the ledger must know of it when it arrives or is lost. */
export interface SealedBatch {
  readonly partition: number;
  readonly value: Buffer;
  readonly messages: number;
  /** The ledger entry in which its messages are counted: who counts, and the minute. */
  readonly origin: string;
  readonly minuteMs: number;
}
