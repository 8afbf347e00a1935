import { describe, expect, it } from 'vitest';
import { MYSQL_FAULTS } from '../../../processors/watch/mysql-fault.ts';
import { WatchLedger } from '../../../processors/watch/watch-ledger.ts';
import { countLine } from '../../../schemas/ledger-record.ts';
import { ledgerLineSchema } from '../../../schemas/ledger-schema.ts';

const MINUTE_MS = 60_000;

describe('the ledger of a watcher', () => {
  it('accounts for every reading by server and minute, and each fault has its reason', () => {
    const ledger = new WatchLedger('watch:1');
    ledger.count('db7', null, MINUTE_MS);
    for (const fault of MYSQL_FAULTS) ledger.count('db7', fault, MINUTE_MS + 1);
    ledger.count('db8', 'slow', 2 * MINUTE_MS);
    const entries = ledger.takeChanged();
    expect(entries).toMatchObject([
      {
        stage: 'watch',
        unit: 'readings',
        serverId: 'db7',
        takenIn: 7,
        passedOn: 1,
        lost: { mysql_unreachable: 1, mysql_slow: 1, mysql_refused: 4 },
      },
      { serverId: 'db8', takenIn: 1, lost: { mysql_slow: 1 } },
    ]);
    for (const entry of entries) {
      const lost = Object.values(entry.lost).reduce((sum, count) => sum + count, 0);
      expect(entry.takenIn).toBe(entry.passedOn + entry.open + lost);
      expect(ledgerLineSchema.parse(JSON.parse(countLine(entry)))).toMatchObject({ stage: 'watch' });
    }
    expect(ledger.takeChanged()).toEqual([]);
  });

  it('grows in version with each change, so that the newest counts', () => {
    const ledger = new WatchLedger('watch:1');
    ledger.count('db7', null, MINUTE_MS);
    const [first] = ledger.takeChanged();
    ledger.count('db7', null, MINUTE_MS);
    const [second] = ledger.takeChanged();
    expect([second!.ordinal, second!.takenIn]).toEqual([first!.ordinal, 2]);
    expect(second!.version).toBeGreaterThan(first!.version);
  });
});
