import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../processors/detect/rule.ts';
import { FindingTotals } from '../../../processors/findings/finding-totals.ts';
import { mergedFinding } from '../../../processors/findings/merged-finding.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { type Finding, findingSchema } from '../../../schemas/finding.ts';
import { findingRecord, readFindingRecord } from '../../../schemas/finding-record.ts';
import { auditEvent, START_US, statementOf } from '../store/events.ts';
import { madeRule, madeVerdict } from './made-verdicts.ts';

const TAUTOLOGY = madeRule('sqli.tautology', 'high');
const UNION = madeRule('sqli.union_extract', 'critical', { tags: ['attack.t1190', 'attack.t1213.006'] });
const INERT = madeRule('sqli.inert_attempt', 'info', { status: 'experimental' });
const SCHEMA = madeRule('recon.schema_enum', 'medium');
const RULES = [TAUTOLOGY, UNION, INERT, SCHEMA];

function originOf(partition: number) {
  return (ordinal: number) => `mysql.messages.v1/${partition}/${ordinal}`;
}

/** The newest part of each origin, as a reader of the topic or the table keeps them. */
class Parts {
  readonly newest = new Map<string, Finding>();

  take(parts: Iterable<Finding>): void {
    for (const part of parts) {
      findingSchema.parse(part);
      const known = this.newest.get(part.origin);
      if (known === undefined || part.version >= known.version) this.newest.set(part.origin, part);
    }
  }

  merged(): Finding[] {
    const byId = grouped(this.newest.values());
    return [...byId.values()]
      .map((parts) => mergedFinding(parts)!)
      .sort((a, b) => (a.finding_id < b.finding_id ? -1 : 1));
  }
}

function grouped(parts: Iterable<Finding>): Map<string, Finding[]> {
  const byId = new Map<string, Finding[]>();
  for (const part of parts) byId.set(part.finding_id, [...(byId.get(part.finding_id) ?? []), part]);
  return byId;
}

interface Matched {
  readonly event: AuditEvent;
  readonly rules: readonly Rule[];
}

/** Versions are made by the order of the partitions and mean nothing once merged. */
function withoutVersion(findings: readonly Finding[]): Omit<Finding, 'version'>[] {
  return findings.map(({ version: _, ...rest }) => rest);
}

describe('findings of an origin', () => {
  it('sum up a scan of thousands of statements in one finding of its area', () => {
    const totals = new FindingTotals(originOf(0));
    for (let i = 0; i < 6000; i++) {
      const isError = i % 10 === 0;
      totals.add(
        auditEvent(1, i, {
          statement: statementOf(`SELECT a FROM t WHERE id = ? OR ? = ? ${i % 7}`, ['t']),
          status: isError ? 'error' : 'ok',
          errorCode: isError ? 1064 : 0,
          returnedRows: isError ? 0 : 2,
        }),
        madeVerdict(TAUTOLOGY, ...(i >= 3000 ? [UNION] : [])),
      );
    }
    const [part, ...others] = totals.takeChanges(7).parts.values();
    expect(others).toEqual([]);
    expect(part).toMatchObject({
      origin: 'mysql.messages.v1/0/0',
      version: 7,
      kind: 'statement',
      area: 'sqli',
      rule_id: 'sqli.union_extract',
      server_id: '10.0.0.1:3306',
      user_name: 'app',
      client_address: '10.0.1.1',
      database_name: 'shop',
      window_start: '2026-01-01T00:00:00.000000Z',
      window_end: '2026-01-01T01:00:00.000000Z',
      first_seen: '2026-01-01T00:00:00.000000Z',
      last_seen: '2026-01-01T00:00:05.999000Z',
      events: 6000,
      accepted: 5400,
      errors: 600,
      returned_rows: 10_800,
      severity: 'critical',
      score: 94,
      attack_tags: ['attack.t1190', 'attack.t1213.006'],
      tables: ['t'],
    });
    expect(part!.rules.map(({ rule_id, events }) => [rule_id, events])).toEqual([
      ['sqli.union_extract', 3000],
      ['sqli.tautology', 6000],
    ]);
    // The four first statements, and the first on which the union fired.
    expect(part!.samples.map(({ event_time }) => event_time.slice(17, -1))).toEqual([
      '00.000000',
      '00.001000',
      '00.002000',
      '00.003000',
      '03.000000',
    ]);
  });

  it('are one for each area, account, client, database and hour', () => {
    const totals = new FindingTotals(originOf(0));
    const verdict = madeVerdict(TAUTOLOGY, SCHEMA);
    totals.add(auditEvent(1, 0), verdict);
    totals.add(auditEvent(2, 0), verdict);
    totals.add(auditEvent(1, 1, { userName: 'root' }), verdict);
    totals.add(auditEvent(1, 2, { databaseName: 'hr' }), verdict);
    totals.add(auditEvent(1, 3, { timeUs: START_US + 3_600_000_000 }), verdict);
    totals.add(auditEvent(1, 4, { timeUs: START_US + 3_599_999_999 }), verdict);
    const parts = [...totals.takeChanges(1).parts.values()];
    expect(parts).toHaveLength(10);
    expect(new Set(parts.map(({ finding_id }) => finding_id)).size).toBe(10);
    expect(parts.filter(({ events }) => events === 2).map(({ area }) => area)).toEqual(['recon', 'sqli']);
  });

  it('are told of at once when they are new, and again when they have changed', () => {
    const totals = new FindingTotals(originOf(0));
    expect(totals.hasNew).toBe(false);
    totals.add(auditEvent(1, 0), madeVerdict(TAUTOLOGY));
    expect(totals.hasNew).toBe(true);
    expect(totals.takeNew(3).map(({ events, version }) => [events, version])).toEqual([[1, 3]]);
    expect(totals.hasNew).toBe(false);
    totals.add(auditEvent(1, 1), madeVerdict(TAUTOLOGY));
    expect(totals.hasNew).toBe(false);
    expect([...totals.takeChanges(4).parts.values()].map(({ events }) => events)).toEqual([2]);
    expect(totals.hasChanged).toBe(false);
    expect(totals.takeChanges(5)).toEqual({ parts: new Map(), removed: [] });
  });

  it('stay within their bound, those whose hour is over going first, and what comes later is counted on in a new part', () => {
    const totals = new FindingTotals(originOf(0), 4);
    const verdict = madeVerdict(TAUTOLOGY);
    const published = new Parts();
    totals.add(auditEvent(1, 0, { timeUs: START_US + 3_600_000_000 }), verdict);
    for (let n = 2; n < 5; n++) totals.add(auditEvent(n, 0), verdict);
    totals.add(auditEvent(5, 0, { timeUs: START_US + 3_600_000_000 }), verdict);
    const changes = totals.takeChanges(1);
    expect(changes.removed).toEqual([1]);
    published.take(changes.parts.values());
    totals.add(auditEvent(2, 1), verdict);
    published.take(totals.takeChanges(2).parts.values());
    const [finding] = published.merged().filter(({ client_address }) => client_address === '10.0.1.2');
    expect(finding?.events).toBe(2);
  });

  it('show no more of a long statement and message than their beginnings', () => {
    const totals = new FindingTotals(originOf(0));
    const masked = `${'x'.repeat(999)}😀${'y'.repeat(100_000)}`;
    totals.add(
      auditEvent(1, 0, { statement: statementOf(masked), errorMessageMasked: 'm'.repeat(5000) }),
      madeVerdict(TAUTOLOGY),
    );
    const [part] = totals.takeChanges(1).parts.values();
    expect(part!.samples[0]!.statement_masked).toBe('x'.repeat(999));
    expect(part!.samples[0]!.error_message_masked).toBe('m'.repeat(300));
    expect(readFindingRecord(findingRecord(part!, 3).value)).toEqual(part);
  });
});

const matched = fc.record({
  connection: fc.integer({ min: 1, max: 6 }),
  minute: fc.integer({ min: 0, max: 130 }),
  text: fc.integer({ min: 0, max: 9 }),
  rules: fc.subarray(RULES, { minLength: 1 }),
  user: fc.constantFrom('app', 'root'),
  program: fc.constantFrom('', 'mysql', 'sqlmap'),
  isError: fc.boolean(),
  rows: fc.integer({ min: 0, max: 3 }),
});

describe('findings over partitions and restarts', () => {
  it('merge to the same as those of one uninterrupted run, whatever the split', () => {
    fc.assert(
      fc.property(
        fc.array(matched, { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(100), { maxLength: 6 }),
        (made, partitions, cuts) => {
          const events: (Matched & { partition: number })[] = made.map((each, i) => {
            // All of one client, which is told by the address: connections only decide the partition.
            const event = auditEvent(1, i, {
              timeUs: START_US + each.minute * 60_000_000 + i,
              userName: each.user,
              clientProgram: each.program,
              status: each.isError ? 'error' : 'ok',
              returnedRows: each.rows,
              statement: statementOf(`SELECT ${each.text}`, [`t${each.text}`]),
            });
            return { event, rules: each.rules, partition: each.connection % partitions };
          });
          const whole = new FindingTotals(originOf(0));
          for (const { event, rules } of events) whole.add(event, madeVerdict(...rules));
          const expected = new Parts();
          expected.take(whole.takeChanges(1).parts.values());

          const published = new Parts();
          for (let partition = 0; partition < partitions; partition++) {
            const own = events.filter((each) => each.partition === partition);
            let totals = new FindingTotals(originOf(partition));
            let kept = new Map<number, string>();
            let keptNext = 0;
            let keptAt = 0;
            let at = 0;
            const stops = cuts.map((cut) => cut % (own.length + 1)).sort((a, b) => a - b);
            for (const [i, stop] of [...stops, own.length].entries()) {
              for (; at < stop; at++) {
                totals.add(own[at]!.event, madeVerdict(...own[at]!.rules));
                if (totals.hasNew) published.take(totals.takeNew(at + 1));
              }
              const { parts } = totals.takeChanges(at);
              published.take(parts.values());
              // Every other time the process dies between what it published and what it kept.
              if (i % 2 === 0 || i === stops.length) {
                kept = new Map([...kept, ...[...parts].map(([n, part]) => [n, JSON.stringify(part)] as const)]);
                keptNext = totals.nextOrdinal;
                keptAt = at;
              } else {
                totals = new FindingTotals(originOf(partition));
                for (const [n, text] of [...kept].sort((a, b) => a[0] - b[0]))
                  totals.restore(n, readFindingRecord(Buffer.from(text))!);
                totals.nextOrdinal = keptNext;
                at = keptAt;
              }
            }
            for (; at < own.length; at++) totals.add(own[at]!.event, madeVerdict(...own[at]!.rules));
            published.take(totals.takeChanges(own.length).parts.values());
          }
          expect(withoutVersion(published.merged())).toEqual(withoutVersion(expected.merged()));
        },
      ),
      { numRuns: 300 },
    );
  });
});
