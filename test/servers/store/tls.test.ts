import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import type { ServerTarget, TlsFiles } from '../../../processors/store/store-target.ts';
import { type ClickhouseServer, startClickhouse } from '../../support/clickhouse.ts';
import { certificateFor } from '../../support/kafka-security.ts';
import { events, makeTables, targetOf } from './store-rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqltrail-tls-'));
for (const name of ['good', 'expired']) mkdirSync(join(folder, name));
let server: ClickhouseServer;
const fronts: Server[] = [];

beforeAll(async () => {
  server = await startClickhouse();
  await makeTables(server);
});
afterAll(async () => {
  for (const front of fronts) front.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The server behind TLS; with a CA for clients it asks them for a certificate. */
async function behindTls(files: { key: string; certificate: string }, clientCa?: string): Promise<string> {
  const front = createServer(
    {
      key: readFileSync(files.key),
      cert: readFileSync(files.certificate),
      ...(clientCa !== undefined && { ca: readFileSync(clientCa), requestCert: true, rejectUnauthorized: true }),
    },
    (incoming, response) => {
      const onward = httpRequest(
        new URL(incoming.url ?? '/', server.url),
        { method: incoming.method, headers: incoming.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      incoming.pipe(onward);
    },
  );
  fronts.push(front);
  front.listen(0, 'localhost');
  await once(front, 'listening');
  return `https://localhost:${(front.address() as AddressInfo).port}`;
}

function target(url: string, tls?: TlsFiles): ServerTarget {
  return { ...targetOf(server), url, ...(tls !== undefined && { tls }) };
}

describe('a server behind TLS', () => {
  const good = certificateFor(join(folder, 'good'));
  const expired = certificateFor(join(folder, 'expired'), true);
  const stop = new AbortController();

  it('is written to where its authority is given, also with a certificate of the client', async () => {
    const url = await behindTls(good, good.certificate);
    const store = await AuditStore.open(
      target(url, { caFile: good.certificate, certFile: good.certificate, keyFile: good.key }),
    );
    for (const event of events(0, 10)) store.add(event);
    await store.close();
    expect(await server.rows('SELECT count() AS n FROM audit')).toEqual([{ n: 10 }]);
  });

  it.each([
    ['an authority nobody knows', () => good, undefined],
    ['another authority', () => good, () => expired.certificate],
    ['an expired certificate', () => expired, () => expired.certificate],
  ])('is a clear error at once, also in a service, with %s', async (_name, files, caFile) => {
    const url = await behindTls(files());
    const tls = caFile === undefined ? undefined : { caFile: caFile() };
    await expect(AuditStore.open(target(url, tls), { untilAborted: stop.signal })).rejects.toMatchObject({
      code: 'store_failed',
      retriable: false,
      message: expect.stringContaining('TLS'),
    });
  });

  it('is a clear error where the port speaks plain http', async () => {
    const url = server.url.replace('http:', 'https:');
    await expect(AuditStore.open(target(url), { untilAborted: stop.signal })).rejects.toMatchObject({
      message: expect.stringContaining('TLS'),
    });
  });

  it('is a clear error where a file of the configuration is missing', async () => {
    const files = { caFile: join(folder, 'none.pem') };
    await expect(AuditStore.open(target('https://localhost:1', files))).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('none.pem'),
    });
  });
});
