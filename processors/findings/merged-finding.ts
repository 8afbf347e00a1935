import { FINDING_BOUNDS, type Finding, type FindingRule } from '../../schemas/finding.ts';
import { selectSamples } from './finding-samples.ts';
import { findingScore } from './finding-score.ts';
import { severityRank, worst } from './severities.ts';

/**
 * One finding of all its parts, as the view `findings` shows it; null where no part has events (any more).
 *
 * `version` is the greatest of the parts and `origin` empty. What scheduled detections counted are in part the events that rules
 * had counted, so that of the two the greater number stands: `events` and its kin are at least so many.
 *
 * @param parts Of one `finding_id`, the newest of each origin.
 */
export function mergedFinding(parts: Iterable<Finding>): Finding | null {
  const all = [...parts].filter(({ events }) => events > 0).sort(byTime);
  const [first] = all;
  if (first === undefined) return null;
  const rules = mergedRules(all);
  const leading = rules[0]!;
  const sums = {
    events: total(all, 'events'),
    accepted: total(all, 'accepted'),
    errors: total(all, 'errors'),
    returned_rows: total(all, 'returned_rows'),
    affected_rows: total(all, 'affected_rows'),
  };
  const severity = worst(all.map((part) => part.severity));
  return {
    ...first,
    ...sums,
    origin: '',
    version: Math.max(...all.map(({ version }) => version)),
    kind: all.some(({ kind }) => kind === 'statement') ? 'statement' : 'scheduled',
    rule_id: leading.rule_id,
    rule_title: leading.title,
    client_program: greatest(all.map((part) => part.client_program)),
    last_seen: greatest(all.map((part) => part.last_seen)),
    severity,
    score: findingScore({
      severity,
      confidence: Math.max(...rules.map(({ confidence }) => confidence)),
      rules: rules.length,
      events: sums.events,
      accepted: sums.accepted,
      returnedRows: sums.returned_rows,
      affectedRows: sums.affected_rows,
    }),
    attack_tags: union(all, (part) => part.attack_tags, FINDING_BOUNDS.tags),
    tables: union(all, (part) => part.tables, FINDING_BOUNDS.tables),
    rules,
    samples: selectSamples(all.flatMap((part) => part.samples)),
  };
}

type Sum = 'events' | 'accepted' | 'errors' | 'returned_rows' | 'affected_rows';

/** Statement parts count different events; scheduled detections may have counted the same ones. */
function total(parts: readonly Finding[], column: Sum): number {
  let counted = 0;
  const scheduled = new Map<string, number>();
  for (const part of parts) {
    if (part.kind === 'statement') counted += part[column];
    else scheduled.set(part.rule_id, (scheduled.get(part.rule_id) ?? 0) + part[column]);
  }
  return Math.max(counted, ...scheduled.values());
}

/** The gravest first, then the most frequent, then by id. */
function mergedRules(parts: readonly Finding[]): FindingRule[] {
  const merged = new Map<string, FindingRule>();
  for (const { rules } of parts) {
    for (const rule of rules) {
      const known = merged.get(rule.rule_id);
      merged.set(rule.rule_id, known === undefined ? rule : joined(known, rule));
    }
  }
  return [...merged.values()].sort(byWeight).slice(0, FINDING_BOUNDS.rules);
}

function joined(a: FindingRule, b: FindingRule): FindingRule {
  return {
    ...a,
    severity: worst([a.severity, b.severity]),
    confidence: Math.max(a.confidence, b.confidence),
    events: a.events + b.events,
    first_seen: order(a.first_seen, b.first_seen) <= 0 ? a.first_seen : b.first_seen,
    last_seen: order(a.last_seen, b.last_seen) >= 0 ? a.last_seen : b.last_seen,
  };
}

/** The order in which the rules of a finding are named. */
export function byWeight(a: FindingRule, b: FindingRule): number {
  return severityRank(b.severity) - severityRank(a.severity) || b.events - a.events || (a.rule_id < b.rule_id ? -1 : 1);
}

function greatest(texts: readonly string[]): string {
  return [...texts].sort().at(-1) ?? '';
}

function union(parts: readonly Finding[], values: (part: Finding) => readonly string[], most: number): string[] {
  return [...new Set(parts.flatMap(values))].sort().slice(0, most);
}

function byTime(a: Finding, b: Finding): number {
  return order(a.first_seen, b.first_seen) || order(a.origin, b.origin);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
