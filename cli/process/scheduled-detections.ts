import { setInterval } from 'node:timers';
import type { Detect } from '../../processors/detect/detect.ts';
import { MatchCounts } from '../../processors/detect/match-counts.ts';
import type { Outputs } from '../../processors/service/outputs.ts';
import type { StageMember } from '../../processors/service/stage-member.ts';
import type { AuditStore } from '../../processors/store/audit-store.ts';
import { readDetections } from '../../processors/windows/detection-query.ts';
import { DetectionScheduler } from '../../processors/windows/detection-scheduler.ts';
import { isSuppressedPart } from '../../processors/windows/suppressed-part.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { failureFields } from '../../runtime/failure-fields.ts';
import type { Service } from '../../runtime/service.ts';

const TURN_MS = 10_000;

/** What scheduled detections of a process work with. */
export interface ScheduledParts {
  readonly store: AuditStore;
  readonly member: StageMember;
  readonly outputs: Outputs;
  /** Rules and suppressions in force. */
  readonly judging: Pick<Detect, 'rules' | 'suppressions'>;
}

/**
 * Evaluates the scheduled detections in that process of the group which has the first partition of the ledger: so in exactly one at a time.
 * Their findings go to the topic like all others, and from there into the table. @returns null where the store cannot be asked.
 */
export function scheduledDetections(parts: ScheduledParts, { log, metrics }: Service): NodeJS.Timeout | null {
  const { store, member, outputs, judging } = parts;
  const client = store.queries;
  if (client === null) return null;
  const counters = { windows: 0, parts: 0, failures: 0 };
  metrics.counters(
    'detections',
    {
      windows: 'Windows of scheduled detections that were evaluated.',
      parts: 'Parts of findings that they made, changed or took back.',
      failures: 'Evaluations that failed and are due again.',
    },
    () => counters,
  );
  const made = new MatchCounts();
  metrics.counter(
    'sqltrail_detections_rule_parts_total',
    'Of these parts, those made or changed, by rule and by how bad it was.',
    ['rule', 'level'],
    () => made.readings(),
  );
  /** Those of which the log has said so: a right that is missing stays so for long. */
  const saidOf = new Set<string>();
  const failed = (detection: string, error: unknown) => {
    counters.failures++;
    if (error instanceof SqltrailError && error.retriable) return;
    if (!saidOf.has(detection))
      log.warn('A scheduled detection could not be evaluated.', { detection, ...failureFields(error) });
    saidOf.add(detection);
  };
  const scheduler = new DetectionScheduler({
    client,
    detections: readDetections(),
    rule: (id) => judging.rules.rule(id),
    isSuppressed: (part) => judging.suppressions !== null && isSuppressedPart(judging.suppressions, part),
    publish: async (findings) => {
      await outputs.publish(findings);
      // One that is taken back has no events, and no rule.
      for (const { rule_id: rule, severity, events } of findings) if (events > 0) made.add(rule, severity);
    },
    onFailure: failed,
  });
  let isTurning = false;
  const turn = async () => {
    if (isTurning) return;
    if (!member.isLeader) {
      scheduler.forget();
      return;
    }
    isTurning = true;
    try {
      const done = await scheduler.turn();
      counters.windows += done.windows;
      counters.parts += done.parts;
    } catch (error) {
      failed('all', error);
    } finally {
      isTurning = false;
    }
  };
  return setInterval(() => void turn(), TURN_MS);
}
