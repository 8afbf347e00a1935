import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CapSource } from '../../../edge/sources/cap-source.ts';
import { chooseCapture } from '../../../edge/sources/choose-capture.ts';
import type { LiveOptions } from '../../../edge/sources/live-options.ts';
import type { PacketSource } from '../../../edge/sources/packet-source.ts';
import { TcpdumpSource } from '../../../edge/sources/tcpdump-source.ts';

const isRoot = process.getuid?.() === 0;
const hasTcpdump = spawnSync('tcpdump', ['--version']).error === undefined;
if (!isRoot || !hasTcpdump) console.warn('live capture needs root and tcpdump: not tested');

const ways: [name: string, make: (options: LiveOptions) => PacketSource][] = [
  ['tcpdump', (options) => new TcpdumpSource(options)],
  ['cap', (options) => new CapSource(options)],
];

let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as { port: number }).port;
});
afterAll(() => server.close());

/** Sends messages to the echo, one after the other, and waits for the last byte to come back. */
async function talk(messages: number, messageBytes: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const message = Buffer.alloc(messageBytes, 'm');
  for (let i = 0; i < messages; i++) {
    let missing = messageBytes;
    socket.write(message);
    while (missing > 0) missing -= (await once(socket, 'data'))[0].length;
  }
  socket.destroy();
}

/** TCP payload by the IPv4 header, each byte of a stream counted once: probes of a full window send some again. */
class Payload {
  readonly #toServer: [from: number, to: number][] = [];
  readonly #toClient: [from: number, to: number][] = [];
  times: number[] = [];
  linkTypes = new Set<number>();

  add(bytes: Buffer, start: number, timeUs: number, linkType: number): void {
    const ip = start + (linkType === 1 ? 14 : linkType === 113 ? 16 : 20);
    const tcp = ip + (bytes[ip]! & 15) * 4;
    const payload = bytes.readUInt16BE(ip + 2) - (tcp - ip) - (bytes[tcp + 12]! >> 4) * 4;
    const sequence = bytes.readUInt32BE(tcp + 4);
    const isToServer = bytes.readUInt16BE(tcp + 2) === port;
    if (payload > 0) (isToServer ? this.#toServer : this.#toClient).push([sequence, sequence + payload]);
    this.times.push(timeUs);
    this.linkTypes.add(linkType);
  }

  get toServer(): number {
    return covered(this.#toServer);
  }

  get toClient(): number {
    return covered(this.#toClient);
  }
}

/** Of few megabytes from a random start; that the sequence number wraps in them is not provided for, nor likely. */
function covered(ranges: [from: number, to: number][]): number {
  let total = 0;
  let reached = 0;
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0])) {
    total += Math.max(to - Math.max(from, reached), 0);
    reached = Math.max(reached, to);
  }
  return total;
}

async function capture(
  make: (options: LiveOptions) => PacketSource,
  interfaceName: string,
  during: () => Promise<void>,
  afterChunk: () => Promise<void> | void = () => undefined,
) {
  const payload = new Payload();
  const stop = new AbortController();
  let listening: () => void = () => undefined;
  const isListening = new Promise<void>((resolve) => {
    listening = resolve;
  });
  const source = make({ interfaceName, ports: [port], onListening: listening });
  const running = source.run(
    (bytes, start, _end, _original, time, link) => payload.add(bytes, start, time, link),
    afterChunk,
    stop.signal,
  );
  await Promise.race([isListening, running]);
  const startedUs = Date.now() * 1000;
  await during();
  stop.abort();
  await running;
  return { payload, source, startedUs };
}

describe.runIf(isRoot && hasTcpdump).each(ways)('live capture with %s', (name, make) => {
  it.each([
    ['lo', [1]],
    ['any', [113, 276]],
  ])('sees every packet on %s, up to the moment of the abort', async (interfaceName, linkTypes) => {
    const { payload, source, startedUs } = await capture(make, interfaceName, () => talk(500, 200));
    expect(payload.toServer).toBe(100_000);
    expect(payload.toClient).toBe(100_000);
    expect(source.name).toBe(`${interfaceName} (${name})`);
    expect([...payload.linkTypes].every((linkType) => linkTypes.includes(linkType))).toBe(true);
    expect(
      payload.times.every((time) => Number.isInteger(time) && time > startedUs - 1e6 && time < Date.now() * 1000 + 1e6),
    ).toBe(true);
    const counters = source.counters();
    expect(counters.packets).toBe(payload.times.length);
    expect(counters.droppedByKernel).toBe(name === 'tcpdump' ? 0 : null);
  });

  it('sees large packets, with a consumer that makes it wait', async () => {
    const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
    const { payload } = await capture(make, 'lo', () => talk(4, 500_000), wait);
    expect(payload.toServer).toBe(2_000_000);
    expect(payload.toClient).toBe(2_000_000);
  });

  it('ends at once where it is aborted before it began', async () => {
    const running = make({ interfaceName: 'lo', ports: [port] }).run(
      () => undefined,
      () => undefined,
      AbortSignal.abort(),
    );
    await expect(running).resolves.toBeUndefined();
  });

  it('names the interfaces there are where there is no such one', async () => {
    await expect(capture(make, 'nosuch0', async () => undefined)).rejects.toMatchObject({
      code: 'interface_unknown',
      message: 'there is no interface nosuch0',
      cure: expect.stringMatching(/\blo\b/),
    });
  });

  it('passes on what afterChunk throws, and ends its process', async () => {
    const failing = () => Promise.reject(new RangeError('full'));
    await expect(capture(make, 'lo', () => talk(5, 10), failing)).rejects.toThrow(RangeError);
  });
});

describe.runIf(isRoot && hasTcpdump)('the choice of capture', () => {
  it('is tcpdump where it may be used, also for an interface that is not there', async () => {
    expect(await chooseCapture('lo')).toMatchObject({
      capture: 'tcpdump',
      reason: expect.stringContaining('kernel timestamps'),
    });
    expect((await chooseCapture('nosuch0')).capture).toBe('tcpdump');
  });
});
