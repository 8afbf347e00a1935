import type { EventSink } from '../../processors/event-sink.ts';
import { FindingTotals } from '../../processors/findings/finding-totals.ts';
import type { VerdictSource } from '../../processors/findings/verdict-source.ts';
import type { AuditStore } from '../../processors/store/audit-store.ts';
import type { DetectionScheduler } from '../../processors/windows/detection-scheduler.ts';
import { AuditEvent } from '../../schemas/audit-event.ts';
import { eventId } from '../../schemas/event-id.ts';
import type { Finding } from '../../schemas/finding.ts';
import type { Loss } from '../../schemas/loss.ts';

const PUBLISH_MS = 1000;
const EVALUATE_MS = 15_000;

export interface EmbeddedFindingsParts {
  readonly store: AuditStore;
  readonly detect: VerdictSource;
  /** Makes the scheduler of what it publishes with. */
  readonly scheduler: (publish: (parts: readonly Finding[]) => Promise<void>) => DetectionScheduler;
  /** Hears of each part that is new or changed. */
  readonly onPart?: (part: Finding) => void;
  /** Whether windows are evaluated while packets come; else at the end only. */
  readonly isLive: boolean;
  /** Hears why detections were not evaluated; they are due again. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Findings of an embedded run, into its own store: a sink to be closed before the store. A part is named by the first event it counted,
 * so that reading the same packets again replaces it.
 */
export class EmbeddedFindings implements EventSink {
  private readonly parts: EmbeddedFindingsParts;
  private readonly totals = new FindingTotals(
    (_, { connection, sequence }) => `run/${eventId(connection.uid, sequence)}`,
  );
  private readonly scheduler: DetectionScheduler;
  private matched = 0;
  private publishedMs = 0;
  private evaluatedMs: number | null = null;
  private evaluating: Promise<void> | null = null;
  private isEnding = false;

  constructor(parts: EmbeddedFindingsParts) {
    this.parts = parts;
    this.scheduler = parts.scheduler(async (findings) => {
      for (const finding of findings) {
        await parts.store.ready();
        parts.store.addFinding(finding);
        parts.onPart?.(finding);
      }
      // Nothing is added beside it any more: a batch need not wait for others to share it.
      await (this.isEnding ? parts.store.flush() : parts.store.written());
    });
  }

  add(output: AuditEvent | Loss): void {
    const { verdict } = this.parts.detect;
    if (!(output instanceof AuditEvent) || verdict.matches.length === 0) return;
    this.matched++;
    this.totals.add(output, verdict);
  }

  /** What it takes waits in the totals, which are bounded. */
  ready(): null {
    return null;
  }

  tick(nowMs: number): void {
    const { isLive } = this.parts;
    const isDue = this.totals.hasNew || nowMs - this.publishedMs >= PUBLISH_MS;
    if (isDue && this.totals.hasChanged && this.storeHasRoom()) {
      this.publishedMs = nowMs;
      this.publish();
    }
    this.evaluatedMs ??= nowMs;
    if (!isLive || this.evaluating !== null || nowMs - this.evaluatedMs < EVALUATE_MS) return;
    this.evaluatedMs = nowMs;
    this.evaluating = this.evaluate(false);
  }

  async close(): Promise<void> {
    const { store } = this.parts;
    await this.evaluating;
    await store.flush();
    this.publish();
    await store.flush();
    this.isEnding = true;
    await this.evaluate(true);
  }

  private storeHasRoom(): boolean {
    const waiting = this.parts.store.ready();
    // Its failure is told to whoever adds events.
    waiting?.catch(() => {});
    return waiting === null;
  }

  private publish(): void {
    const { store, onPart } = this.parts;
    for (const part of this.totals.takeChanges(this.matched).parts.values()) {
      store.addFinding(part);
      onPart?.(part);
    }
  }

  private async evaluate(isLast: boolean): Promise<void> {
    try {
      await this.scheduler.turn({ isLast });
    } catch (error) {
      this.parts.onFailure(error);
    } finally {
      this.evaluating = null;
    }
  }
}
