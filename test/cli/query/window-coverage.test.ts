import { describe, expect, it } from 'vitest';
import { findInvestigation, readInvestigations } from '../../../cli/query/investigation.ts';
import { type CoverageRow, coverageText, windowCoverage } from '../../../cli/query/window-coverage.ts';

const ROW: CoverageRow = {
  server_id: 'db7',
  executed: 1_204_331,
  seen: 1_158_566,
  share: 0.96199,
  missing: { unexplained: 65, tls: 40_000, unix_socket: 5_700 },
  measured_minutes: 60,
  minutes: 60,
  share_complete: 0.99,
};

describe('coverageText', () => {
  it('says how much is there, and where the rest is, most first', () => {
    expect(coverageText([ROW])).toBe(
      'Coverage of this window:\n  db7: 96.19 % of 1,204,331 statements; missing: tls 40,000, unix_socket 5,700, unexplained 65 (60 of 60 minutes measured)\n',
    );
  });

  it('says that all is there only where nothing is missing', () => {
    expect(coverageText([{ ...ROW, share: 0.99999, missing: { tls: 1 } }])).toContain('db7: 99.99 % of');
    expect(coverageText([{ ...ROW, share: 1, missing: {} }])).toContain(': 100.00 % of 1,204,331 statements (60');
  });

  it('gives the estimate of the ledger where no watcher asked the server', () => {
    const row = { ...ROW, executed: null, seen: null, share: null, missing: {}, measured_minutes: 0 };
    expect(coverageText([row])).toContain('db7: about 99.00 % by what the stages report as lost; nobody asked');
    expect(coverageText([{ ...row, share_complete: null }])).toContain('db7: unknown by');
  });

  it('tells of five servers, and how many more there are', () => {
    const text = coverageText(Array.from({ length: 8 }, (_, i) => ({ ...ROW, server_id: `db${i}` })));
    expect(text).toContain('db4: ');
    expect(text).not.toContain('db5: ');
    expect(text).toContain('… and 3 more: sqltrail query coverage');
  });

  it('says that nothing is known, and shows no control characters of a name', () => {
    expect(coverageText([])).toContain('unknown');
    expect(coverageText([{ ...ROW, server_id: 'db\u001b[2J' }])).not.toContain('\u001b');
  });
});

describe('windowCoverage', () => {
  const coverage = findInvestigation('coverage', readInvestigations());

  /** A store that holds so many events. @returns What was said, and the parameters of each question. */
  async function ask(events: number): Promise<{ text: string; asked: unknown[] }> {
    const asked: unknown[] = [];
    const query = async (sql: string, parameters: unknown) => {
      asked.push(parameters);
      const row = sql === coverage.sql ? JSON.stringify(ROW) : JSON.stringify({ n: events });
      return (async function* () {
        yield [row];
      })();
    };
    const bound = { since: '2026-01-01 00:00:00', server: 'db7', user: 'anna', limit: 3 };
    return { text: await windowCoverage({ query }, coverage, bound), asked };
  }

  it('asks about the times and the server of the investigation, and of all servers that are so', async () => {
    const { text, asked } = await ask(5);
    expect(text).toContain('db7: 96.19 % of 1,204,331 statements');
    const window = { since: '2026-01-01 00:00:00', until: '2106-02-07 06:28:15.999999', server: 'db7', limit: 10_000 };
    expect(asked).toEqual([window, window]);
  });

  it('leaves a window of very many events to be asked for', async () => {
    const { text, asked } = await ask(20_000_001);
    expect(text).toContain('sqltrail query coverage');
    expect(asked).toHaveLength(1);
  });
});
