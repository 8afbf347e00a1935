import { describe, expect, it } from 'vitest';
import { ALERT_PREFIX, DeliveryBook, SUMMARY_PREFIX } from '../../../processors/alert/delivery-book.ts';
import { type GateOptions, SinkGate } from '../../../processors/alert/sink-gate.ts';
import { LedgerCounter, LedgerTotals } from '../../../processors/service/ledger-totals.ts';
import { alertSchema } from '../../../schemas/alert.ts';
import { madeAlert } from './made-alert.ts';
import { START_MS } from './made-finding.ts';

const NOW = START_MS + 5_000;
const NEXT_MINUTE = START_MS + 60_000;

function bookOf(...options: readonly Partial<GateOptions>[]) {
  const gates = new Map(
    options.map((given, i) => {
      const name = given.name ?? `sink${i}`;
      return [name, new SinkGate({ minimumLevel: 'info', maxPerMinute: 100, maxWaiting: 100, ...given, name })];
    }),
  );
  const totals = new LedgerTotals('mysql.findings.v1/0');
  const book = new DeliveryBook(gates, new LedgerCounter(totals, 'alert', 'alerts'));
  const ledger = () => {
    const sum = { takenIn: 0, passedOn: 0, open: 0, lost: {} as Record<string, number> };
    for (const entry of totals.takeChanges(1).entries) {
      sum.takenIn += entry.takenIn;
      sum.passedOn += entry.passedOn;
      sum.open += entry.open;
      for (const [reason, count] of Object.entries(entry.lost)) sum.lost[reason] = (sum.lost[reason] ?? 0) + count;
    }
    return sum;
  };
  return { book, gates, ledger };
}

const some = (count: number) => Array.from({ length: count }, (_, i) => madeAlert({ client: `10.0.2.${i}` }));

describe('what sinks are owed', () => {
  it('is every alert for every sink that wants it, until it has it', () => {
    const { book, ledger } = bookOf({}, { minimumLevel: 'critical' });
    const [high, critical] = [madeAlert(), madeAlert({ severity: 'critical', area: 'exfil' })];
    book.route(high, NOW);
    book.route(critical, NOW);
    const made = book.takeMade();
    expect(made.map(({ sink, alert }) => [sink, alert.severity])).toEqual([
      ['sink0', 'high'],
      ['sink0', 'critical'],
      ['sink1', 'critical'],
    ]);
    expect(book.takeMade()).toEqual([]);
    expect([...book.takeChanged().keys()]).toEqual([ALERT_PREFIX + high.alert_id, ALERT_PREFIX + critical.alert_id]);
    book.done(made[0]!, 'delivered');
    book.done(made[1]!, 'delivered');
    book.done(made[1]!, 'delivered');
    const kept = book.takeChanged();
    expect(kept.get(ALERT_PREFIX + high.alert_id)).toBeNull();
    expect(JSON.parse(kept.get(ALERT_PREFIX + critical.alert_id)!).sinks).toEqual(['sink1']);
    expect(ledger()).toEqual({ takenIn: 3, passedOn: 2, open: 1, lost: {} });
  });

  it('is no more than so many a minute; the rest is one summary when the minute is over', () => {
    const { book, ledger } = bookOf({ maxPerMinute: 3 }, {});
    for (const alert of some(10)) book.route(alert, NOW);
    expect(book.takeMade().filter(({ sink }) => sink === 'sink0')).toHaveLength(3);
    book.summarize(NEXT_MINUTE - 1);
    expect(book.takeMade()).toEqual([]);
    book.summarize(NEXT_MINUTE);
    const [summary, ...more] = book.takeMade();
    expect(more).toEqual([]);
    expect(alertSchema.parse(summary?.alert)).toEqual(summary?.alert);
    expect(summary).toMatchObject({
      sink: 'sink0',
      alert: {
        kind: 'summary',
        severity: 'high',
        summary: { alerts: 7, throttled: 7, queue_full: 0, findings: 7, rules: { 'sqli-union': 7 } },
      },
    });
    expect(summary?.alert.summary?.finding_ids).toHaveLength(7);
    book.summarize(NEXT_MINUTE + 600_000);
    expect(book.takeMade()).toEqual([]);
    expect(ledger()).toEqual({ takenIn: 21, passedOn: 0, open: 14, lost: { throttled: 7 } });
  });

  it('is no more than may wait; the rest is one summary when there is room', () => {
    const { book, gates, ledger } = bookOf({ maxWaiting: 4 });
    for (const alert of some(10)) book.route(alert, NOW);
    const made = book.takeMade();
    expect(made).toHaveLength(4);
    book.summarize(NEXT_MINUTE);
    expect(book.takeMade()).toEqual([]);
    book.done(made[0]!, 'delivered');
    book.summarize(NEXT_MINUTE);
    expect(book.takeMade()).toMatchObject([{ alert: { summary: { alerts: 6, queue_full: 6, throttled: 0 } } }]);
    expect(gates.get('sink0')?.waiting).toBe(4);
    expect(ledger()).toEqual({ takenIn: 11, passedOn: 1, open: 4, lost: { queue_full: 6 } });
  });

  it('is the same after a restart, summaries included', () => {
    const { book } = bookOf({ maxPerMinute: 2 });
    for (const alert of some(5)) book.route(alert, NOW);
    const texts = book.takeChanged();
    const other = bookOf({ maxPerMinute: 2 });
    for (const [key, text] of texts) {
      const isTaken = key.startsWith(SUMMARY_PREFIX)
        ? other.book.restoreSummary(key.slice(SUMMARY_PREFIX.length), text!)
        : other.book.restoreAlert(text!);
      expect(isTaken).toBe(true);
    }
    expect(other.book.takeMade()).toEqual(book.takeMade());
    expect(other.gates.get('sink0')?.waiting).toBe(2);
    book.summarize(NEXT_MINUTE);
    other.book.summarize(NEXT_MINUTE);
    expect(other.book.takeMade()).toEqual(book.takeMade());
    expect(other.book.restoreAlert('{}')).toBe(false);
    expect(other.book.restoreSummary('sink0', 'x')).toBe(false);
  });

  it('ends, counted, for a sink that is configured no longer', () => {
    const { book } = bookOf({ name: 'old' }, { name: 'new' });
    book.route(madeAlert(), NOW);
    const [text] = book.takeChanged().values();
    const { book: later, ledger } = bookOf({ name: 'new' });
    expect(later.restoreAlert(text!)).toBe(true);
    expect(later.takeMade().map(({ sink }) => sink)).toEqual(['new']);
    expect(ledger().lost).toEqual({ rejected: 1 });
  });

  it('counts names that are also properties of objects', () => {
    const { book } = bookOf({ maxPerMinute: 0 });
    for (const rule of ['__proto__', 'constructor', 'toString'])
      book.route(madeAlert({ area: rule, ruleId: rule }), NOW);
    book.summarize(NEXT_MINUTE);
    expect(book.takeMade()[0]?.alert.summary).toMatchObject({
      alerts: 3,
      rules: { other: 1, constructor: 1, toString: 1 },
    });
  });
});
