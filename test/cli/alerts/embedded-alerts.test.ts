import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedAlerts } from '../../../cli/alerts/embedded-alerts.ts';
import { configSchema } from '../../../cli/config/config-schema.ts';
import { SqltrailError } from '../../../runtime/errors.ts';
import { type Alert, alertSchema } from '../../../schemas/alert.ts';
import type { LedgerEntry } from '../../../schemas/ledger.ts';
import { madeFinding } from '../../processors/alert/made-finding.ts';

let directory: string;
const closers: (() => void)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqltrail-embedded-'));
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(directory, { recursive: true, force: true });
});

async function receiver() {
  const got: { alerts: Alert[]; status: number } = { alerts: [], status: 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      if (got.status === 200) got.alerts.push(alertSchema.parse(JSON.parse(body)));
      response.writeHead(got.status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

/** @param drainMs How long its end waits for the receiver: long where it takes alerts. */
async function run(url: string, work: (alerts: EmbeddedAlerts) => void, drainMs = 30_000) {
  const said: string[] = [];
  const entries: LedgerEntry[] = [];
  const config = configSchema.parse({
    alerts: { group_wait_ms: 60_000, throttle_per_minute: 3, sinks: [{ name: 'hook', kind: 'webhook', url }] },
  });
  const store = { addEntry: (entry: LedgerEntry) => entries.push(entry) };
  const alerts = await EmbeddedAlerts.open(config, directory, store, (sentence) => said.push(sentence), drainMs);
  work(alerts);
  await alerts.close();
  return { said, entries };
}

describe('the alerts of an embedded run', () => {
  it('are sent by its end, with what the rule looks for, and a summary of those beyond the limit', async () => {
    const { got, url } = await receiver();
    const { said, entries } = await run(url, (alerts) => {
      for (let i = 0; i < 5; i++)
        alerts.take(madeFinding({ area: 'sqli', ruleId: 'sqli.tautology', client: `10.0.0.${i}` }));
    });
    expect(got.alerts.map(({ kind }) => kind)).toEqual(['finding', 'finding', 'finding', 'summary']);
    expect(got.alerts[0]?.findings[0]?.rule_description.length).toBeGreaterThan(20);
    expect(got.alerts[3]?.summary).toMatchObject({ alerts: 2, throttled: 2 });
    expect(said).toEqual([]);
    const last = entries.filter(({ unit }) => unit === 'alerts').at(-1);
    expect(last).toMatchObject({ stage: 'alert', open: 0 });
  });

  it('wait for the next run where nobody takes them, and are the same then', async () => {
    const { got, url } = await receiver();
    got.status = 503;
    const { said } = await run(url, (alerts) => alerts.take(madeFinding()), 2_000);
    expect(said).toEqual([
      'The alert sink hook takes no alerts. The receiver answered with status 503.',
      '1 alerts for the sink hook wait for the next run.',
    ]);
    expect(got.alerts).toEqual([]);
    got.status = 200;
    await run(url, () => {});
    expect(got.alerts).toHaveLength(1);
    // The same packets read again are no news.
    await run(url, (alerts) => alerts.take(madeFinding()));
    expect(got.alerts).toHaveLength(1);
  });

  it('say at once, and once, that they cannot be kept', async () => {
    const { got, url } = await receiver();
    const said: string[] = [];
    const config = configSchema.parse({
      alerts: { group_wait_ms: 0, sinks: [{ name: 'hook', kind: 'webhook', url }] },
    });
    const store = {
      addEntry: () => {
        throw new SqltrailError('store_failed', 'The store takes no rows.', 'Free some space.');
      },
    };
    const alerts = await EmbeddedAlerts.open(config, directory, store, (sentence) => said.push(sentence), 300);
    alerts.take(madeFinding());
    for (let turn = 1; turn < 5 || got.alerts.length === 0; turn++) {
      alerts.tick(turn * 2_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(said).toEqual(['Alerts cannot be kept, and may not be sent any more. The store takes no rows.']);
    await expect(alerts.close()).rejects.toThrow('The store takes no rows.');
    expect(said).toHaveLength(1);
  });
});
