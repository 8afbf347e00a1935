import type { Detect } from '../../processors/detect/detect.ts';
import type { AuditStore } from '../../processors/store/audit-store.ts';
import { readDetections } from '../../processors/windows/detection-query.ts';
import { DetectionScheduler } from '../../processors/windows/detection-scheduler.ts';
import { isSuppressedPart } from '../../processors/windows/suppressed-part.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Finding } from '../../schemas/finding.ts';
import { EmbeddedFindings } from './embedded-findings.ts';

/** What findings of an embedded run are made with. */
export interface FindingsOptions {
  readonly store: AuditStore;
  readonly detect: Detect;
  readonly isLive: boolean;
  /** Hears of each part that is new or changed. */
  readonly onPart?: (part: Finding) => void;
  /** A sentence for people. */
  readonly say: (sentence: string) => void;
}

/** Findings of an embedded run, those of the scheduled detections included, over everything that its store holds. */
export function openFindings({ store, detect, isLive, onPart, say }: FindingsOptions): EmbeddedFindings {
  const { queries } = store;
  if (queries === null) throw new Error('The store of an embedded run can be asked.');
  const failed = (error: unknown) => {
    if (!(error instanceof SqltrailError)) throw error;
    say(`Scheduled detections were not evaluated: ${error.message}`);
  };
  return new EmbeddedFindings({
    store,
    detect,
    isLive,
    ...(onPart !== undefined && { onPart }),
    onFailure: failed,
    scheduler: (publish) =>
      new DetectionScheduler({
        client: queries,
        detections: readDetections(),
        rule: (id) => detect.rules.rule(id),
        isSuppressed: (part) => detect.suppressions !== null && isSuppressedPart(detect.suppressions, part),
        publish,
        onFailure: (_, error) => failed(error),
        // Captures are as old as they are.
        horizonS: null,
      }),
  });
}
