/** Names of the topics. Their settings are `topicDefinitions`, their contents docs/topics.md. */
export const TOPIC = {
  /** Raw MySQL messages, packed (`message-batch.ts`). The only place where unmasked SQL rests. */
  messages: 'mysql.messages.v1',
  /** Users of connections, compacted: filled by the process-list watcher. */
  sessions: 'mysql.sessions.v1',
  /** Masked audit events (`audit-record.ts`): public. */
  audit: 'mysql.audit.v1',
  /** Findings of rules: public. */
  findings: 'mysql.findings.v1',
  /** What each stage took in, passed on and lost (`ledger.ts`), and spans that are missing: public. */
  ledger: 'mysql.ledger.v1',
  /** Records that could not be read or stored: reason and origin, never their contents. */
  deadLetter: 'mysql.dead-letter.v1',
} as const;

/** Between stages that run apart; what lies before `mask` is as confidential as `messages`. */
export function betweenTopic(stage: string): string {
  return `mysql.after-${stage}.v1`;
}

/** State of the connections of a consumer group, compacted: as confidential as what the group reads. */
export function stateTopic(group: string): string {
  return `mysql.state.${group}.v1`;
}
