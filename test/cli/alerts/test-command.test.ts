import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { alertsCommand } from '../../../cli/alerts.ts';
import { alertSchema } from '../../../schemas/alert.ts';

const directory = mkdtempSync(join(tmpdir(), 'sqltrail-alerts-'));
const closers: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0)) close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function receiver(status: number) {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function run(sinks: readonly object[], ...args: readonly string[]): Promise<{ out: string; failure: unknown }> {
  const config = join(directory, 'sqltrail.yml');
  writeFileSync(config, JSON.stringify({ alerts: { sinks } }));
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(((text: string, done: () => void) => {
    out += text;
    done();
    return true;
  }) as never);
  const program = new Command('sqltrail').addCommand(alertsCommand());
  const failure = await program.parseAsync(['node', 'sqltrail', 'alerts', 'test', ...args, '--config', config]).then(
    () => null,
    (error: unknown) => error,
  );
  return { out, failure };
}

describe('sqltrail alerts test', () => {
  it('sends every sink a test alert, says which took it, and fails where one did not', async () => {
    const [good, bad] = [await receiver(200), await receiver(403)];
    const sinks = [
      { name: 'good', kind: 'webhook', url: good.url },
      { name: 'bad', kind: 'webhook', url: bad.url },
    ];
    const { out, failure } = await run(sinks);
    expect(out).toBe('good (webhook): took the test alert.\nbad (webhook): The receiver answered with status 403.\n');
    expect(failure).toMatchObject({ code: 'sink_failed', exitCode: 1 });
    expect(alertSchema.parse(JSON.parse(good.bodies[0]!))).toMatchObject({
      kind: 'test',
      severity: 'info',
      findings: [],
    });
  });

  it('tries one sink alone by its name', async () => {
    const [one, other] = [await receiver(204), await receiver(204)];
    const sinks = [
      { name: 'one', kind: 'webhook', url: one.url },
      { name: 'other', kind: 'webhook', url: other.url },
    ];
    expect(await run(sinks, 'other')).toEqual({ out: 'other (webhook): took the test alert.\n', failure: null });
    expect([one.bodies.length, other.bodies.length]).toEqual([0, 1]);
    expect((await run(sinks, 'third')).failure).toMatchObject({
      code: 'config_invalid',
      cure: 'Give one of: one, other.',
    });
  });
});
