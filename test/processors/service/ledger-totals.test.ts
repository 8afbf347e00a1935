import { describe, expect, it } from 'vitest';
import { LedgerCounter, LedgerTotals } from '../../../processors/service/ledger-totals.ts';

const MINUTE_MS = 60_000;

/** Counts once for each server, round and round, a second a round. @returns How many entries were made. */
function count(totals: LedgerTotals, servers: number, seconds: number): number {
  const counter = new LedgerCounter(totals, 'decode', 'events');
  for (let second = 0; second < seconds; second++) {
    for (let server = 0; server < servers; server++) counter.at(`db${server}`, second * 1000).takenIn++;
  }
  return totals.nextOrdinal;
}

describe('totals of a partition', () => {
  it('make one entry per server and minute, however many servers take turns', () => {
    expect(count(new LedgerTotals('t/0', 16), 100, 120)).toBe(200);
  });

  it('forget the oldest entries of earlier minutes, and number on behind them', () => {
    const totals = new LedgerTotals('t/0', 16);
    const made = count(totals, 4, 60 * 20);
    expect(made).toBe(4 * 20);
    const { entries, removed } = totals.takeChanges(1);
    expect(entries.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: made }, (_, i) => i));
    expect(removed.length).toBeGreaterThanOrEqual(made - 4 * 6);
    expect(removed).toEqual(Array.from({ length: removed.length }, (_, i) => i));
  });

  it('keep what is open, and forget fresh entries too where there are very many', () => {
    const totals = new LedgerTotals('t/0', 2);
    const counter = new LedgerCounter(totals, 'decode', 'events');
    counter.at('open', 0).open++;
    for (let server = 0; server < 300; server++) counter.at(`db${server}`, MINUTE_MS).takenIn++;
    const { removed } = totals.takeChanges(1);
    expect(removed.length).toBe(301 - 128);
    expect(removed).not.toContain(0);
  });

  it('go on with the entries that were kept', () => {
    const totals = new LedgerTotals('t/0', 2);
    new LedgerCounter(totals, 'mask', 'events').at('db1', MINUTE_MS).takenIn = 5;
    const again = new LedgerTotals('t/0', 2);
    for (const entry of totals.takeChanges(1).entries) again.restore(entry);
    new LedgerCounter(again, 'mask', 'events').at('db1', MINUTE_MS + 1).takenIn++;
    expect(again.takeChanges(2).entries).toMatchObject([{ ordinal: 0, takenIn: 6, version: 2 }]);
  });
});
