import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Conditions } from '../../runtime/conditions.ts';
import { HealthServer } from '../../runtime/health-server.ts';
import { Metrics } from '../../runtime/metrics.ts';

const open: HealthServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve(conditions = new Conditions(), metrics = new Metrics('edge')) {
  const server = await HealthServer.open({ host: '127.0.0.1', port: 0 }, conditions, metrics);
  open.push(server);
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  };
  return { server, get };
}

/** What the server answers to these bytes until it closes the connection. */
function answerTo(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

describe('the health of a service over HTTP', () => {
  it('is alive as long as it answers', async () => {
    const { get } = await serve();
    expect(await get('/livez')).toMatchObject({ status: 200, body: '{"live":true}\n' });
  });

  it('is ready when every condition holds, and names those that do not', async () => {
    const conditions = new Conditions();
    let isUp = false;
    conditions.add(
      'kafka',
      () => isUp,
      () => 'No broker answers.',
    );
    conditions.add(
      'store',
      () => true,
      () => '',
    );
    const { get } = await serve(conditions);
    const waiting = await get('/readyz');
    expect(waiting.status).toBe(503);
    expect(JSON.parse(waiting.body)).toEqual({
      ready: false,
      waiting_for: [{ name: 'kafka', why: 'No broker answers.' }],
    });
    isUp = true;
    expect(await get('/readyz')).toMatchObject({ status: 200, body: '{"ready":true}\n' });
  });

  it('is ready all the same with a note on what else is not well', async () => {
    const conditions = new Conditions();
    let isWell = false;
    conditions.addNote(
      'sink_chat',
      () => isWell,
      () => 'It takes nothing.',
    );
    const { get } = await serve(conditions);
    const { status, body } = await get('/readyz');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ ready: true, notes: [{ name: 'sink_chat', why: 'It takes nothing.' }] });
    isWell = true;
    expect(await get('/readyz')).toMatchObject({ status: 200, body: '{"ready":true}\n' });
  });

  it('has metrics in the text format of Prometheus', async () => {
    const { get } = await serve();
    const { status, type, body } = await get('/metrics');
    expect(status).toBe(200);
    expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('# TYPE process_cpu_seconds_total counter');
  });

  it('answers 500 and lives on where a part cannot tell how it does', async () => {
    const metrics = new Metrics('edge');
    metrics.counter('sqltrail_edge_packets_total', 'Packets.', [], () => {
      throw new Error('SELECT 1');
    });
    const conditions = new Conditions();
    conditions.add(
      'kafka',
      () => {
        throw new Error('SELECT 1');
      },
      () => '',
    );
    const { get } = await serve(conditions, metrics);
    for (const path of ['/metrics', '/readyz']) {
      const { status, body } = await get(path);
      expect(status).toBe(500);
      expect(body).not.toContain('SELECT');
    }
    expect((await get('/livez')).status).toBe(200);
  });

  it('answers nothing else', async () => {
    const { get } = await serve();
    expect((await get('/')).status).toBe(404);
    expect((await get('/livez/../etc/passwd')).status).toBe(404);
    expect((await get('/livez?x=1')).status).toBe(200);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await get('/livez', { method })).status).toBe(405);
  });

  it('survives what is no HTTP, and headers without end', async () => {
    const { server, get } = await serve();
    expect(await answerTo(server.port, '\u0000\u0001 garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    expect(await answerTo(server.port, `GET /livez HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431|^$/,
    );
    expect((await get('/livez')).status).toBe(200);
  });

  it('gives up a request that does not come to its end, while it answers others', async () => {
    const { server, get } = await serve();
    const slow = answerTo(server.port, 'GET /livez HTTP/1.1\r\nHost: a\r\n');
    expect((await get('/livez')).status).toBe(200);
    expect(await slow).toMatch(/^HTTP\/1\.1 408|^$/);
  });

  it('closes with connections open', async () => {
    const { server } = await serve();
    const held = answerTo(server.port, 'GET /livez HTTP/1.1\r\nHost: a\r\n');
    await server.close();
    await server.close();
    expect(await held).toBe('');
  });

  it('says in a sentence that its port is taken', async () => {
    const { server } = await serve();
    const second = HealthServer.open({ host: '127.0.0.1', port: server.port }, new Conditions(), new Metrics('edge'));
    await expect(second).rejects.toMatchObject({
      code: 'http_unavailable',
      exitCode: 1,
      message: `Port ${server.port} for health and metrics is in use by another process.`,
    });
  });

  it('says in a sentence that its address is not of this host', async () => {
    const wrong = HealthServer.open({ host: '192.0.2.1', port: 0 }, new Conditions(), new Metrics('edge'));
    await expect(wrong).rejects.toMatchObject({ code: 'http_unavailable' });
  });
});
