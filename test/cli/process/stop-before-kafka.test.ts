import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Service } from '../../support/service.ts';

const sockets: Socket[] = [];
const server = createServer((socket) => {
  sockets.push(socket.on('error', () => {}));
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** The deadline, which is not to be needed. */
const ENVIRONMENT = { SQLTRAIL_SHUTDOWN_DEADLINE_S: '8', SQLTRAIL_HTTP__PORT: '0' };

describe('sqltrail process that is stopped before Kafka has ever answered', () => {
  it.each(['refuses connections', 'takes connections and says nothing'])('ends with 0 where it %s', async (what) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    if (what === 'refuses connections') server.close();
    const service = new Service({
      name: 'process',
      args: ['process', '--brokers', `127.0.0.1:${port}`],
      environment: ENVIRONMENT,
    });
    const hasBegun = () =>
      what === 'refuses connections' ? /does not answer/.test(service.stderr) : sockets.length > 0;
    while (!hasBegun()) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await service.stop()).toBe(0);
    expect(service.stderr).not.toContain('was not finished within the deadline');
  });
});
