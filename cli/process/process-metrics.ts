import type { DecodeCounters } from '../../processors/decode/decode-counters.ts';
import type { Outputs } from '../../processors/service/outputs.ts';
import type { StageChain } from '../../processors/service/stage-chain.ts';
import type { StageMember } from '../../processors/service/stage-member.ts';
import type { AuditStore } from '../../processors/store/audit-store.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { Service } from '../../runtime/service.ts';
import { DEAD_LETTER_REASONS } from '../../schemas/dead-letter.ts';

/** What of a process is shown and measured. */
export interface ProcessParts {
  readonly chain: StageChain;
  readonly member: StageMember;
  readonly outputs: Outputs;
  readonly store: AuditStore | null;
}

/** Metrics and readiness of `sqltrail process`. */
export function processMetrics({ metrics, ready }: Service, parts: ProcessParts): void {
  const { chain, member, outputs, store } = parts;
  ready(
    'state',
    () => member.isRestored,
    () => 'The state of a partition is being read.',
  );
  metrics.counters(
    'process',
    {
      records: 'Records taken from the topics.',
      commits: 'Cycles in which outputs, state and offsets became durable.',
      restores: 'Partitions whose state was read after they were assigned.',
      rejected: 'Rows that ClickHouse refused for what is in them.',
    },
    () => member.counters,
  );
  if (chain.stages[0] === 'decode') decodeMetrics(metrics, member);
  metrics.gauge('sqltrail_process_partitions_assigned', 'Partitions in work.', [], () => [
    { value: member.tasks.length },
  ]);
  metrics.gauge(
    'sqltrail_process_delay_seconds',
    'Age of the last record of each partition that was handled, when it was handled last.',
    ['topic', 'partition'],
    () =>
      member.tasks.map(({ topic, partition, delayMs }) => ({
        labels: { topic, partition: String(partition) },
        value: delayMs / 1000,
      })),
  );
  metrics.counter('sqltrail_process_dead_letters_total', 'Dead letters written, by what was wrong.', ['reason'], () =>
    DEAD_LETTER_REASONS.map((reason) => ({ labels: { reason }, value: outputs.lettersByReason.get(reason) ?? 0 })),
  );
  const { counters } = outputs;
  metrics.counter(
    'sqltrail_process_finding_parts_sent_total',
    'Parts of findings sent, new and changed ones.',
    [],
    () => [{ value: counters.findings.parts }],
  );
  if (counters.events !== null) {
    const { events } = counters;
    metrics.counter('sqltrail_process_events_sent_total', 'Events sent on.', [], () => [{ value: events.lines }]);
    metrics.counter('sqltrail_process_event_bytes_sent_total', 'Bytes of them before compression.', [], () => [
      { value: events.bytes },
    ]);
  }
  if (store !== null)
    metrics.counters<'rowsWritten' | 'batches' | 'bytes' | 'retries'>(
      'store',
      {
        rowsWritten: 'Events that are in ClickHouse.',
        batches: 'Batches written.',
        bytes: 'Bytes sent to ClickHouse.',
        retries: 'Attempts at a batch after its first.',
      },
      () => store.counters,
    );
}

function decodeMetrics(metrics: Metrics, member: StageMember): void {
  metrics.counters<Exclude<keyof DecodeCounters, 'unreadableBatches' | 'brokenBatches'>>(
    'decode',
    {
      messages: 'Messages of MySQL connections taken in.',
      commands: 'Commands among them.',
      gaps: 'Holes that the edges told of.',
      repeatedMessages: 'Messages that came again and were skipped.',
      missedMessages: 'Messages that never came, by their numbers: what they touched is marked as a gap.',
      orphanFragments: 'Parts of commands whose beginning never came.',
      unannouncedMessages: 'Messages of connections that their batch does not announce.',
      unknownMessages: 'Messages of a kind that only a later version knows.',
      unpairedResponses: 'Responses whose command is not known.',
      forgottenTexts: 'Prepared statements, and commands without a response yet, that were forgotten for want of room.',
    },
    () => member.decodeCounters,
  );
}
