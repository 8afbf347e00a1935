import { ALERT_BOUNDS, type Alert } from '../../schemas/alert.ts';
import type { Finding } from '../../schemas/finding.ts';
import { severityRank } from '../findings/severities.ts';
import type { AlertRules } from './alert-rules.ts';
import { KnownFinding } from './known-finding.ts';
import { type DueFinding, makeAlert } from './make-alert.ts';

/** Findings known at once, and parts of them; beyond it those that changed least recently are forgotten, and alert anew if they change. */
const MAX_FINDINGS = 5_000;
const MAX_PARTS = 20_000;

interface Campaign {
  /** Findings of it that are known. */
  readonly ids: Set<string>;
  /** Of these, to be told. */
  readonly waiting: Set<string>;
  dueMs: number;
  /** When it was told of last, and of what; -1: not yet. */
  toldMs: number;
  toldRank: number;
}

/** What is known of the findings of one partition, which of them are to be told, and when. Pure: time is an argument. */
export class FindingBook {
  private readonly rules: AlertRules;
  private readonly maxFindings: number;
  /** Those that changed least recently first. */
  private readonly known = new Map<string, KnownFinding>();
  private partCount = 0;
  private readonly campaigns = new Map<string, Campaign>();
  private readonly changed = new Set<string>();
  private readonly ready: Alert[] = [];

  constructor(rules: AlertRules, maxFindings = MAX_FINDINGS) {
    this.rules = rules;
    this.maxFindings = maxFindings;
  }

  get size(): number {
    return this.known.size;
  }

  get hasChanged(): boolean {
    return this.changed.size > 0;
  }

  take(part: Finding, nowMs: number): void {
    const known = this.known.get(part.finding_id) ?? new KnownFinding(part);
    const before = known.partCount;
    if (!known.take(part)) return;
    this.partCount += known.partCount - before;
    this.changed.add(known.id);
    this.known.delete(known.id);
    this.known.set(known.id, known);
    this.wait(known, nowMs);
    while (this.known.size > this.maxFindings || (this.partCount > MAX_PARTS && this.known.size > 1))
      this.forgetOldest(nowMs);
  }

  /** The alerts whose time has come. */
  due(nowMs: number): Alert[] {
    for (const campaign of this.campaigns.values()) {
      if (campaign.waiting.size > 0 && campaign.dueMs <= nowMs) this.tell(campaign, nowMs);
    }
    return this.ready.splice(0);
  }

  /** What waits is due at once. */
  hurry(): void {
    for (const campaign of this.campaigns.values()) campaign.dueMs = 0;
  }

  /** Texts of the findings that changed since the last call, by id; null: forgotten. */
  takeChanged(): Map<string, string | null> {
    const texts = new Map([...this.changed].map((id) => [id, this.known.get(id)?.export() ?? null]));
    this.changed.clear();
    return texts;
  }

  /** @returns False where the text is none of a finding. */
  restore(text: string, nowMs: number): boolean {
    const known = KnownFinding.restore(text);
    if (known === null) return false;
    this.known.set(known.id, known);
    this.partCount += known.partCount;
    this.wait(known, nowMs);
    return true;
  }

  private wait(known: KnownFinding, nowMs: number): void {
    const campaign = this.campaign(known);
    const reason = known.reason(this.rules.minimumLevel);
    if (reason === null) {
      campaign.waiting.delete(known.id);
      return;
    }
    const { groupWaitMs, groupIntervalMs } = this.rules;
    const isGraver = severityRank(known.finding!.severity) > campaign.toldRank;
    const soonest = nowMs + groupWaitMs;
    const due = isGraver ? soonest : Math.max(soonest, campaign.toldMs + groupIntervalMs);
    campaign.dueMs = campaign.waiting.size === 0 ? due : Math.min(campaign.dueMs, due);
    campaign.waiting.add(known.id);
  }

  private tell(campaign: Campaign, nowMs: number): void {
    const due: DueFinding[] = [];
    for (const id of campaign.waiting) {
      const known = this.known.get(id);
      const reason = known?.reason(this.rules.minimumLevel) ?? null;
      if (known?.finding && reason !== null) due.push({ finding: known.finding, reason, told: known.told });
    }
    campaign.waiting.clear();
    due.sort(byWeight);
    for (let from = 0; from < due.length; from += ALERT_BOUNDS.findings)
      this.ready.push(makeAlert(due.slice(from, from + ALERT_BOUNDS.findings), this.rules, nowMs));
    for (const { finding } of due) {
      this.known.get(finding.finding_id)!.told = { severity: finding.severity, events: finding.events, atMs: nowMs };
      this.changed.add(finding.finding_id);
      campaign.toldMs = nowMs;
      campaign.toldRank = Math.max(campaign.toldRank, severityRank(finding.severity));
    }
  }

  private campaign(known: KnownFinding): Campaign {
    let campaign = this.campaigns.get(known.campaign);
    if (campaign === undefined) {
      campaign = { ids: new Set(), waiting: new Set(), dueMs: 0, toldMs: Number.NEGATIVE_INFINITY, toldRank: -1 };
      this.campaigns.set(known.campaign, campaign);
    }
    campaign.ids.add(known.id);
    if (known.told !== null) {
      campaign.toldMs = Math.max(campaign.toldMs, known.told.atMs);
      campaign.toldRank = Math.max(campaign.toldRank, severityRank(known.told.severity));
    }
    return campaign;
  }

  /** What still waits is told before its time. */
  private forgetOldest(nowMs: number): void {
    const [oldest] = this.known.values();
    if (oldest === undefined) return;
    const campaign = this.campaigns.get(oldest.campaign);
    if (campaign?.waiting.has(oldest.id)) this.tell(campaign, nowMs);
    this.known.delete(oldest.id);
    this.partCount -= oldest.partCount;
    this.changed.add(oldest.id);
    campaign?.ids.delete(oldest.id);
    if (campaign?.ids.size === 0) this.campaigns.delete(oldest.campaign);
  }
}

function byWeight({ finding: a }: DueFinding, { finding: b }: DueFinding): number {
  return (
    severityRank(b.severity) - severityRank(a.severity) || b.score - a.score || (a.finding_id < b.finding_id ? -1 : 1)
  );
}
