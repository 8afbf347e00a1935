import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import { FactBlock } from '../../../processors/store/fact-block.ts';
import { auditEvent } from './events.ts';

interface Seen {
  readonly url: URL;
  readonly body: Buffer;
  readonly authorization: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

let server: Server | null = null;
afterEach(() => server?.close());

/** A server that records requests and answers each as told; not ClickHouse, but its HTTP interface as the client sees it. */
async function listen(answer: (seen: Seen) => Answer): Promise<{ client: ClickhouseClient; seen: Seen[] }> {
  const seen: Seen[] = [];
  server = createServer(async (request, response) => {
    const entry = {
      url: new URL(request.url ?? '', 'http://x'),
      body: await bodyOf(request),
      authorization: request.headers.authorization,
    };
    seen.push(entry);
    const { status, text } = answer(entry);
    response.writeHead(status, status === 200 ? {} : { 'x-clickhouse-exception-code': '164' }).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await ClickhouseClient.open(
    { kind: 'server', url: `http://127.0.0.1:${port}`, user: 'auditor', password: 'pw' },
    'write',
  );
  return { client, seen };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const ok: Answer = { status: 200, text: '' };
const readOnlyRefusal: Answer = {
  status: 500,
  text: "Code: 164. DB::Exception: Cannot modify 'readonly' setting in readonly mode. (READONLY) (version 26.3.1.1)",
};

describe('ClickhouseClient on a server', () => {
  it('sends a block as it is, with its token and without asynchronous inserts', async () => {
    const { client, seen } = await listen(() => ok);
    const facts = new FactBlock(false);
    facts.add(auditEvent(1, 0, { userName: 'no UTF-8 trouble \ud800' }));
    const block = Buffer.from(facts.encode());
    await client.insert('audit_events', facts.structure, block, 'token1');
    await client.close();
    expect(seen).toHaveLength(1);
    const [{ url, body, authorization }] = seen as [Seen];
    expect(body.equals(block)).toBe(true);
    expect(url.searchParams.get('insert_deduplication_token')).toBe('token1');
    expect(url.searchParams.get('async_insert')).toBe('0');
    expect(url.searchParams.get('max_partitions_per_insert_block')).toBe('0');
    expect(url.searchParams.get('query')).toMatch(
      /^INSERT INTO audit_events \(event_time, event_id, .*risk_level, statement_shown\) FORMAT Native$/,
    );
    expect(authorization).toBe(`Basic ${Buffer.from('auditor:pw').toString('base64')}`);
  });

  it('asks for read-only queries with bound values', async () => {
    const { client, seen } = await listen(() => ({ status: 200, text: '{"a":1}\n' }));
    await client.makeReadOnly();
    const rows: string[] = [];
    for await (const batch of await client.query('SELECT {user:String} AS a', { user: "it's" }, 'JSONEachRow'))
      rows.push(...batch);
    await client.close();
    expect(rows).toEqual(['{"a":1}']);
    expect(seen.map(({ url }) => url.searchParams.get('readonly'))).toEqual(['1', '1']);
    expect(seen[1]?.url.searchParams.get('param_user')).toBe("it\\'s");
    expect(seen[1]?.body.toString()).toContain('SELECT {user:String} AS a');
  });

  it('does without that setting where the user may read only and not change it', async () => {
    const { client, seen } = await listen(({ url }) =>
      url.searchParams.has('readonly') ? readOnlyRefusal : { status: 200, text: '{"a":1}\n' },
    );
    await client.makeReadOnly();
    for await (const batch of await client.query('SELECT 2 AS a', {}, 'JSONEachRow'))
      expect(batch).toEqual(['{"a":1}']);
    await client.close();
    expect(seen.map(({ url }) => url.searchParams.get('readonly'))).toEqual(['1', null]);
    expect(seen.map(({ body }) => body.toString().includes('SELECT 2'))).toEqual([false, true]);
  });

  it('never sends a query that tries to lift the setting without it', async () => {
    const { client, seen } = await listen(({ body }) =>
      body.includes('readonly=0') ? readOnlyRefusal : { status: 200, text: '{"a":1}\n' },
    );
    await client.makeReadOnly();
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(client.query('SELECT 1 SETTINGS readonly=0', {}, 'JSONEachRow')).rejects.toMatchObject({
        code: '164',
      });
    }
    await client.close();
    expect(seen.map(({ url }) => url.searchParams.get('readonly'))).toEqual(['1', '1', '1']);
  });

  it.each([
    'Code: 452. DB::Exception: Setting readonly should not be changed. (SETTING_CONSTRAINT_VIOLATION)',
    "Code: 516. DB::Exception: 'readonly': Authentication failed. (AUTHENTICATION_FAILED)",
  ])('does not become a client that asks without the setting on: %s', async (text) => {
    const { client, seen } = await listen(() => ({ status: 500, text }));
    await expect(client.makeReadOnly()).rejects.toMatchObject({ name: 'SqltrailError' });
    await client.query('SELECT 1', {}, 'JSONEachRow').catch(() => null);
    await client.close();
    expect(seen.map(({ url }) => url.searchParams.get('readonly'))).toEqual(['1', '1']);
  });

  it('says that a server is away, and that this may pass', async () => {
    const client = await ClickhouseClient.open(
      { kind: 'server', url: 'http://127.0.0.1:9', user: 'u', password: '' },
      'write',
    );
    await expect(client.command('SELECT 1')).rejects.toMatchObject({
      code: 'store_failed',
      retriable: true,
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await client.close();
  });

  it('keeps the SQL of a refused statement out of the message', async () => {
    const { client } = await listen(() => ({
      status: 500,
      text: "Code: 516. DB::Exception: auditor: Authentication failed near 'secret'. (AUTHENTICATION_FAILED)",
    }));
    await expect(client.command("SELECT 'secret'")).rejects.toMatchObject({
      code: 'store_permission',
      message: expect.not.stringContaining('secret'),
    });
    await client.close();
  });
});
