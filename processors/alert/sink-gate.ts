import type { Alert } from '../../schemas/alert.ts';
import type { Severity } from '../../schemas/finding.ts';
import { severityRank } from '../findings/severities.ts';
import type { Unsent } from './sink-summary.ts';

const MINUTE_MS = 60_000;

export interface GateOptions {
  /** Of the sink; unique. */
  readonly name: string;
  /** Alerts below it do not go to this sink. */
  readonly minimumLevel: Severity;
  /** Alerts in each minute of the clock; what is beyond is summed up. */
  readonly maxPerMinute: number;
  /** Alerts that wait at most. */
  readonly maxWaiting: number;
}

/** How many alerts a sink takes: shared by all partitions of a process. */
export class SinkGate {
  readonly name: string;
  /** Alerts that it did not take. */
  readonly unsent: Record<Unsent, number> = { throttled: 0, queue_full: 0 };
  private readonly options: GateOptions;
  private minute = -1;
  private ofMinute = 0;
  private places = 0;

  constructor(options: GateOptions) {
    this.name = options.name;
    this.options = options;
  }

  /** Alerts that wait, those of summaries included. */
  get waiting(): number {
    return this.places;
  }

  get hasRoom(): boolean {
    return this.places < this.options.maxWaiting;
  }

  accepts({ severity }: Alert): boolean {
    return severityRank(severity) >= severityRank(this.options.minimumLevel);
  }

  /** Takes a place for one alert; or says why there is none. */
  admit(nowMs: number): Unsent | null {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.minute) {
      this.minute = minute;
      this.ofMinute = 0;
    }
    const why = this.ofMinute >= this.options.maxPerMinute ? 'throttled' : this.hasRoom ? null : 'queue_full';
    if (why !== null) {
      this.unsent[why]++;
      return why;
    }
    this.ofMinute++;
    this.places++;
    return null;
  }

  /** Takes a place in any case: of an alert that was admitted before a restart, or of a summary. */
  reserve(): void {
    this.places++;
  }

  giveBack(): void {
    this.places--;
  }
}
