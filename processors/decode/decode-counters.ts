/** What decode took in and could not use. Plain numbers, read by metrics. */
export interface DecodeCounters {
  messages: number;
  commands: number;
  gaps: number;
  /** Came again after a redelivery and were skipped. */
  repeatedMessages: number;
  /** Numbers of messages that never came: the spool of an edge was full, or the topic no longer had them. */
  missedMessages: number;
  /** Fragments of a command whose first one never came. */
  orphanFragments: number;
  /** Records that are no batch, and batches that broke off. */
  unreadableBatches: number;
  brokenBatches: number;
  /** Messages of a connection the batch did not announce, of an unknown kind, or answering a command that is not known. */
  unannouncedMessages: number;
  unknownMessages: number;
  unpairedResponses: number;
  /** Prepared statements, and commands without a response yet, that were forgotten for want of room. */
  forgottenTexts: number;
}

export function decodeCounters(): DecodeCounters {
  return {
    messages: 0,
    commands: 0,
    gaps: 0,
    repeatedMessages: 0,
    missedMessages: 0,
    orphanFragments: 0,
    unreadableBatches: 0,
    brokenBatches: 0,
    unannouncedMessages: 0,
    unknownMessages: 0,
    unpairedResponses: 0,
    forgottenTexts: 0,
  };
}
