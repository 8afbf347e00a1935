import { z } from 'zod';
import { ALERT_BOUNDS, type AlertReason } from '../../schemas/alert.ts';
import { type Finding, findingSchema } from '../../schemas/finding.ts';
import { parsedJson } from '../../schemas/parsed-json.ts';
import { mergedFinding } from '../findings/merged-finding.ts';
import { severityRank } from '../findings/severities.ts';
import type { Told } from './make-alert.ts';

const GROWTH = 10;

const keptSchema = z.object({
  told: z
    .object({ severity: findingSchema.shape.severity, events: z.number().nonnegative(), atMs: z.number() })
    .nullable(),
  parts: z.array(findingSchema),
});

/** One finding: its parts, and what was told of it. */
export class KnownFinding {
  readonly id: string;
  /** Account, client, server and window: findings of one campaign share an alert. */
  readonly campaign: string;
  told: Told | null = null;
  private readonly parts = new Map<string, Finding>();
  private merged: Finding | null = null;

  constructor(part: Finding) {
    this.id = part.finding_id;
    this.campaign = JSON.stringify([part.server_id, part.user_name, part.client_address, part.window_start]);
  }

  get partCount(): number {
    return this.parts.size;
  }

  /** Null where no part has events any more. */
  get finding(): Finding | null {
    return this.merged;
  }

  /** @returns False where the part is not newer than what is known. */
  take(part: Finding): boolean {
    const known = this.parts.get(part.origin);
    if (known !== undefined && known.version >= part.version) return false;
    this.parts.set(part.origin, slim(part));
    this.merged = mergedFinding(this.parts.values());
    return true;
  }

  /** Why it should be told now; null where it should not. */
  reason(minimumLevel: Finding['severity']): AlertReason | null {
    const { merged, told } = this;
    if (merged === null || severityRank(merged.severity) < severityRank(minimumLevel)) return null;
    if (told === null) return 'new';
    if (severityRank(merged.severity) > severityRank(told.severity)) return 'severity';
    return merged.events >= GROWTH * Math.max(1, told.events) ? 'count' : null;
  }

  /** Text for `restore`. */
  export(): string {
    return JSON.stringify({ told: this.told, parts: [...this.parts.values()] });
  }

  /** @returns null where the text is none that `export` gave. */
  static restore(text: string): KnownFinding | null {
    const parsed = keptSchema.safeParse(parsedJson(text));
    const first = parsed.data?.parts[0];
    if (!parsed.success || first === undefined) return null;
    const known = new KnownFinding(first);
    known.told = parsed.data.told;
    for (const part of parsed.data.parts) {
      if (part.finding_id !== known.id) return null;
      known.take(part);
    }
    return known;
  }
}

/** What an alert shows of a part, and no more: thousands of them are kept. */
function slim(part: Finding): Finding {
  return {
    ...part,
    samples: part.samples.slice(0, ALERT_BOUNDS.samples).map((sample) => ({
      ...sample,
      statement_masked: sample.statement_masked.slice(0, ALERT_BOUNDS.statement),
      error_message_masked: '',
    })),
  };
}
