import { describe, expect, it } from 'vitest';
import { EmbeddedLedger } from '../../../cli/run/embedded-ledger.ts';
import type { TrafficTotals } from '../../../edge/ledger/traffic-gains.ts';
import type { LedgerEntry } from '../../../schemas/ledger.ts';

const START = Date.UTC(2026, 0, 1, 14);

function rig(servers: string[]) {
  const totals = { segments: 0, deliveredBytes: 0, gapBytes: 0, droppedByKernel: 0 };
  const entries = new Map<string, LedgerEntry>();
  const state = { isFull: false };
  const ledger = new EmbeddedLedger(
    {
      origin: 'run 1',
      servers: () => servers,
      store: {
        addEntry: (entry) => void entries.set(`${entry.minuteMs - START} ${entry.unit}`, entry),
        ready: () => (state.isFull ? Promise.resolve() : null),
      },
      totals: () => {
        const { droppedByKernel, ...tcp } = totals;
        return { tcp, framer: {}, droppedByKernel, droppedByInterface: 0 } as unknown as TrafficTotals;
      },
    },
    START,
  );
  return { ledger, totals, entries, state };
}

describe('EmbeddedLedger', () => {
  it('counts what the capture took in and lost into the minute that was', () => {
    const { ledger, totals, entries } = rig(['db1']);
    Object.assign(totals, { segments: 90, deliveredBytes: 800, gapBytes: 200, droppedByKernel: 10 });
    ledger.tick(START + 4_900);
    expect(entries.size).toBe(0);
    ledger.tick(START + 5_000);
    totals.segments = 100;
    ledger.tick(START + 58_000);
    ledger.tick(START + 60_100);
    ledger.end(START + 62_100);
    expect(entries.get('0 packets')).toMatchObject({
      serverId: 'db1',
      takenIn: 110,
      passedOn: 100,
      lost: { kernel_drop: 10 },
    });
    expect(entries.get('0 bytes')).toMatchObject({ takenIn: 1000, passedOn: 800, lost: { gap: 200 } });
    expect(entries.get('0 seconds')).toMatchObject({ passedOn: 60, lost: {} });
    expect(entries.get('60000 seconds')).toMatchObject({ passedOn: 2 });
  });

  it('waits with a store that is full, and loses nothing', () => {
    const { ledger, entries, state } = rig(['db1']);
    state.isFull = true;
    ledger.tick(START + 5_000);
    expect(entries.size).toBe(0);
    state.isFull = false;
    ledger.tick(START + 10_000);
    expect(entries.get('0 seconds')).toMatchObject({ passedOn: 10 });
  });

  it('says nothing where no server is watched, or several are', () => {
    for (const servers of [[], ['db1', 'db2']]) {
      const { ledger, entries } = rig(servers);
      ledger.tick(START + 5_000);
      expect(entries.size).toBe(0);
    }
  });
});
