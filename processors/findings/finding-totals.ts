import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { Finding } from '../../schemas/finding.ts';
import { FINDING_WINDOW_MS, type FindingKey, findingId } from '../../schemas/finding-record.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import type { RuleMatch, Verdict } from '../detect/rule.ts';
import { addTables, withSample } from './finding-samples.ts';
import { findingScore } from './finding-score.ts';
import { byWeight } from './merged-finding.ts';
import { ruleConfidence } from './rule-confidence.ts';
import { worst } from './severities.ts';

/** A part in the making. */
interface Slot {
  readonly key: string;
  readonly ordinal: number;
  readonly windowMs: number;
  readonly part: Finding;
  isChanged: boolean;
}

/** What changed since it was last asked. */
export interface FindingChanges {
  /** By number, as of now. */
  readonly parts: ReadonlyMap<number, Finding>;
  /** Numbers that are kept no longer; what was published of them stands. */
  readonly removed: readonly number[];
}

/**
 * The parts of findings that one origin counts: a partition, or an embedded run. Parts are numbered in the order in which their
 * first event came. At the bound the oldest is forgotten when a new one is made, rather one whose window is over; what comes for
 * it later is a new part. All of it follows from the events alone, so that a second run over the same ones, from any state that was
 * kept, makes the same parts.
 */
export class FindingTotals {
  /** The next part's number. */
  nextOrdinal = 0;
  private readonly originOf: (ordinal: number, event: AuditEvent) => string;
  private readonly bound: number;
  private readonly slots = new Map<string, Slot>();
  private changed: Slot[] = [];
  private created: Slot[] = [];
  private removed: number[] = [];
  private newestMs = 0;

  /** @param originOf Names a part made by this event, the same under replay. @param bound Parts kept. */
  constructor(originOf: (ordinal: number, event: AuditEvent) => string, bound = 512) {
    this.originOf = originOf;
    this.bound = bound;
  }

  get hasChanged(): boolean {
    return this.changed.length > 0 || this.removed.length > 0;
  }

  /** Whether there are parts that nobody was told of. */
  get hasNew(): boolean {
    return this.created.length > 0;
  }

  /** Counts an event that rules matched: once for each area of theirs. */
  add(event: AuditEvent, verdict: Verdict): void {
    // Ids begin with their area and are in order: those of an area follow each other.
    const { matches } = verdict;
    for (let from = 0; from < matches.length; ) {
      const area = areaOf(matches[from]!.rule.id);
      let to = from + 1;
      while (to < matches.length && areaOf(matches[to]!.rule.id) === area) to++;
      this.count(area, event, matches.slice(from, to));
      from = to;
    }
  }

  /** The new parts, for those who should hear of them before the next changes are taken. */
  takeNew(version: number): Finding[] {
    const { created } = this;
    this.created = [];
    return created.map((slot) => published(slot, version));
  }

  /** @param version Of the parts: grows with what was counted. */
  takeChanges(version: number): FindingChanges {
    const { changed, removed } = this;
    this.changed = [];
    this.removed = [];
    this.created = [];
    const parts = new Map<number, Finding>();
    for (const slot of changed) {
      slot.isChanged = false;
      parts.set(slot.ordinal, published(slot, version));
    }
    return { parts, removed };
  }

  /** Takes back a part that was kept; in the order of their numbers. */
  restore(ordinal: number, part: Finding): void {
    const windowMs = Date.parse(part.window_start);
    const key = keyOf({
      area: part.area,
      serverId: part.server_id,
      userName: part.user_name,
      clientAddress: part.client_address,
      databaseName: part.database_name,
      windowMs,
    });
    this.slots.set(key, { key, ordinal, windowMs, part: structuredClone(part), isChanged: false });
    this.newestMs = Math.max(this.newestMs, windowMs);
    this.nextOrdinal = Math.max(this.nextOrdinal, ordinal + 1);
  }

  private count(area: string, event: AuditEvent, matches: readonly RuleMatch[]): void {
    const slot = this.slot(area, event);
    const { part } = slot;
    const time = isoTime(event.timeUs);
    if (part.events === 0 || time < part.first_seen) part.first_seen = time;
    if (part.events === 0 || time > part.last_seen) part.last_seen = time;
    part.events++;
    if (event.status === 'ok') part.accepted++;
    if (event.status === 'error') part.errors++;
    part.returned_rows += event.returnedRows;
    part.affected_rows += event.affectedRows;
    if (event.clientProgram > part.client_program) part.client_program = event.clientProgram;
    part.samples = withSample(
      part.samples,
      event,
      matches.map(({ rule }) => rule.id),
    );
    if (event.statement !== null) addTables(part.tables, event.statement.tables);
    for (const match of matches) countRule(part, match, time);
    if (!slot.isChanged) {
      slot.isChanged = true;
      this.changed.push(slot);
    }
  }

  private slot(area: string, event: AuditEvent): Slot {
    const { connection, userName, databaseName } = event;
    const timeMs = Math.floor(event.timeUs / 1000);
    const windowMs = timeMs - (timeMs % FINDING_WINDOW_MS);
    const id: FindingKey = {
      area,
      serverId: connection.serverId,
      userName,
      clientAddress: connection.clientAddress,
      databaseName,
      windowMs,
    };
    const key = keyOf(id);
    const known = this.slots.get(key);
    if (known !== undefined) return known;
    if (this.slots.size >= this.bound) this.forgetOldest();
    const ordinal = this.nextOrdinal++;
    const slot = { key, ordinal, windowMs, part: emptyPart(id, this.originOf(ordinal, event)), isChanged: false };
    this.slots.set(key, slot);
    this.created.push(slot);
    this.newestMs = Math.max(this.newestMs, windowMs);
    return slot;
  }

  /** Of those whose window is over the first, else the first of all. */
  private forgetOldest(): void {
    let oldest: Slot | null = null;
    for (const slot of this.slots.values()) {
      oldest ??= slot;
      if (slot.windowMs >= this.newestMs) continue;
      oldest = slot;
      break;
    }
    if (oldest === null) return;
    this.slots.delete(oldest.key);
    this.removed.push(oldest.ordinal);
  }
}

function countRule(part: Finding, { rule, level }: RuleMatch, time: string): void {
  const known = part.rules.find((each) => each.rule_id === rule.id);
  if (known === undefined) {
    part.rules.push({
      rule_id: rule.id,
      title: rule.title,
      severity: level,
      confidence: ruleConfidence(rule.status),
      attack_tags: [...rule.tags],
      events: 1,
      first_seen: time,
      last_seen: time,
    });
    return;
  }
  known.severity = worst([known.severity, level]);
  known.events++;
  if (time < known.first_seen) known.first_seen = time;
  if (time > known.last_seen) known.last_seen = time;
}

/** A copy with what follows from the counts. */
function published({ part }: Slot, version: number): Finding {
  const rules = part.rules.map((rule) => ({ ...rule })).sort(byWeight);
  const severity = worst(rules.map((rule) => rule.severity));
  return {
    ...part,
    version,
    rule_id: rules[0]!.rule_id,
    rule_title: rules[0]!.title,
    severity,
    score: findingScore({
      severity,
      confidence: Math.max(...rules.map(({ confidence }) => confidence)),
      rules: rules.length,
      events: part.events,
      accepted: part.accepted,
      returnedRows: part.returned_rows,
      affectedRows: part.affected_rows,
    }),
    attack_tags: [...new Set(rules.flatMap((rule) => rule.attack_tags))].sort(),
    tables: [...part.tables],
    rules,
    samples: part.samples.map((sample) => ({ ...sample })),
  };
}

function emptyPart(key: FindingKey, origin: string): Finding {
  const start = isoTime(key.windowMs * 1000);
  return {
    finding_id: findingId(key),
    origin,
    version: 0,
    kind: 'statement',
    area: key.area,
    rule_id: '',
    rule_title: '',
    server_id: key.serverId,
    user_name: key.userName,
    client_address: key.clientAddress,
    client_program: '',
    database_name: key.databaseName,
    window_start: start,
    window_end: isoTime((key.windowMs + FINDING_WINDOW_MS) * 1000),
    first_seen: start,
    last_seen: start,
    events: 0,
    accepted: 0,
    errors: 0,
    returned_rows: 0,
    affected_rows: 0,
    severity: 'info',
    score: 0,
    attack_tags: [],
    tables: [],
    rules: [],
    samples: [],
  };
}

/** What a rule's id begins with. */
function areaOf(ruleId: string): string {
  const dot = ruleId.indexOf('.');
  return dot < 0 ? ruleId : ruleId.slice(0, dot);
}

function keyOf(key: FindingKey): string {
  return `${key.windowMs}|${key.area}|${key.clientAddress}|${key.userName}\0${key.databaseName}\0${key.serverId}`;
}
