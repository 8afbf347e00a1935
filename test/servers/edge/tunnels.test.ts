import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { PacketDecoder } from '../../../edge/packet/packet-decoder.ts';
import { bpfFilter } from '../../../edge/sources/bpf-filter.ts';
import { FileSource } from '../../../edge/sources/file-source.ts';
import type { Connection } from '../../../edge/tcp/connection.ts';
import { DEFAULT_FLOW_LIMITS } from '../../../edge/tcp/flow-limits.ts';
import { FlowTable } from '../../../edge/tcp/flow-table.ts';
import type { StreamHandler } from '../../../edge/tcp/stream-handler.ts';
import { pattern, REQUEST_BYTES, RESPONSE_BYTES } from '../../support/exchange.ts';
import { type Layer, TUNNELS } from '../../support/tunnel-layers.ts';
import { ip, TwoHosts } from '../../support/two-hosts.ts';

/**
 * Tunnels of the kernel's own between two namespaces, with TCP through them, captured on the link that carries them by the filter
 * of --mirrored. Kinds of tunnel that this machine's kernel lacks are named and left out; VXLAN must be there.
 */
const hosts = new TwoHosts(`sqltrail-${process.pid}`);
const directory = mkdtempSync(join(tmpdir(), 'sqltrail-tunnels-'));
afterAll(() => {
  hosts.remove();
  rmSync(directory, { recursive: true, force: true });
});
afterEach(tearDown);

function tearDown(): void {
  for (const name of ['t1', 't0'])
    for (const host of [hosts.a, hosts.b]) spawnSync('ip', ['-n', host, 'link', 'del', name]);
}

/** Makes the interfaces on both hosts; the topmost has 10.97.0.1 and .2, fd97::1 and ::2. @returns False where the kernel has no such kind. */
function setUp(layers: readonly Layer[], mtu?: number): boolean {
  for (const [host, here] of [
    [hosts.a, 1],
    [hosts.b, 2],
  ] as const) {
    for (const [i, layer] of layers.entries()) {
      const [type, ...options] = layer(here) as [string, ...string[]];
      const below = type === 'vlan' ? ['link', `t${i - 1}`] : [];
      const made = spawnSync('ip', ['-n', host, 'link', 'add', ...below, 'name', `t${i}`, 'type', type, ...options], {
        encoding: 'utf8',
      });
      if (made.stderr.includes('Unknown device type') || made.stderr.includes('not supported')) return false;
      if (made.status !== 0) throw new Error(`${type}: ${made.stderr}`);
      // Neither packets beyond the MTU by offload, nor TCP that learns the path's MTU from the tunnel: then none would be cut.
      if (mtu !== undefined) {
        ip('-n', host, 'link', 'set', `t${i}`, 'mtu', String(mtu), 'gso_max_segs', '1');
        ip('netns', 'exec', host, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_no_pmtu_disc');
      }
      ip('-n', host, 'link', 'set', `t${i}`, 'up');
      const network = layers.length - 1 - i;
      ip('-n', host, 'address', 'add', `10.${network === 0 ? 97 : 98}.0.${here}/24`, 'dev', `t${i}`);
      if (network === 0) ip('-n', host, 'address', 'add', `fd97::${here}/64`, 'dev', `t${i}`, 'nodad');
    }
  }
  return true;
}

const inside = (host: string, ...command: string[]): ChildProcess => spawn('ip', ['netns', 'exec', host, ...command]);

/** Runs one exchange through the tunnel. */
async function exchange(address: string): Promise<void> {
  const script = join(import.meta.dirname, '../../support/exchange.ts');
  const server = inside(hosts.b, process.execPath, '--import', 'tsx', script, 'serve', '3306');
  const served = once(server, 'exit');
  await once(server.stdout!, 'data');
  const client = inside(hosts.a, process.execPath, '--import', 'tsx', script, 'ask', address, '3306');
  const [code] = await once(client, 'exit');
  expect(code).toBe(0);
  await served;
}

/** Waits until a child has written something to standard error that matches. */
async function says(child: ChildProcess, what: RegExp): Promise<void> {
  let text = '';
  while (!what.test(text)) text += String((await once(child.stderr!, 'data'))[0]);
}

/** Keeps both halves of the one connection. */
class Halves implements StreamHandler {
  readonly client: Buffer[] = [];
  readonly server: Buffer[] = [];
  missing = 0;
  opened = 0;
  onOpen(): void {
    this.opened += 1;
  }
  onData(_connection: Connection, fromClient: boolean, bytes: Buffer, start: number, end: number): void {
    this[fromClient ? 'client' : 'server'].push(Buffer.from(bytes.subarray(start, end)));
  }
  onGap(_connection: Connection, _fromClient: boolean, missingBytes: number): void {
    this.missing += missingBytes;
  }
  onClose(): void {}
}

/** Waits until a capture grows no more: an interrupted tcpdump drops what it has not yet read. */
async function isQuiet(file: string): Promise<void> {
  for (let before = -1; before !== statSync(file).size; await setTimeout(700)) before = statSync(file).size;
}

/** Captures an exchange on the outer link of host a and reads it back. */
async function captureAndRead(address: string) {
  const file = join(directory, 'outer.pcap');
  const filter = bpfFilter([3306], 'ethernet', true);
  const tcpdump = inside(
    hosts.a,
    'tcpdump',
    '-i',
    'outer0',
    '--immediate-mode',
    '-U',
    '-B',
    '65536',
    '-w',
    file,
    filter,
  );
  const ended = once(tcpdump, 'exit');
  await says(tcpdump, /listening on/);
  await exchange(address);
  await isQuiet(file);
  tcpdump.kill('SIGINT');
  await ended;
  const halves = new Halves();
  const table = new FlowTable({ ports: [3306], handler: halves, limits: DEFAULT_FLOW_LIMITS });
  const decoder = new PacketDecoder(table);
  let lastUs = 0;
  await new FileSource(file).run(
    (bytes, start, end, originalBytes, timeUs, linkType) => {
      lastUs = timeUs;
      decoder.packet(bytes, start, end, originalBytes, timeUs, linkType);
    },
    () => undefined,
    new AbortController().signal,
  );
  decoder.end(lastUs);
  return { halves, counters: decoder.counters };
}

function expectWhole(halves: Halves): void {
  expect(halves).toMatchObject({ opened: 1, missing: 0 });
  expect(Buffer.concat(halves.client).equals(pattern(REQUEST_BYTES, 1))).toBe(true);
  expect(Buffer.concat(halves.server).equals(pattern(RESPONSE_BYTES, 2))).toBe(true);
}

const available = TUNNELS.filter(([name, layers]) => {
  const isThere = setUp(layers);
  tearDown();
  if (!isThere) console.warn(`this kernel has no ${name}: left out`);
  return isThere;
});

describe('a capture of the link that carries a tunnel', () => {
  it.for(available)('has every byte of TCP in %s', async ([, layers, inner]) => {
    setUp(layers);
    const { halves, counters } = await captureAndRead(inner === 4 ? '10.97.0.2' : 'fd97::2');
    expectWhole(halves);
    expect(counters.encapsulated).toBeGreaterThan(20);
    expect(counters).toMatchObject({ malformed: 0, cutHeader: 0, nestedTooDeep: 0, fragmentsDropped: 0 });
  });

  it.for([
    ['IPv4', '10.99.0'],
    ['IPv6', 'fd99:'],
  ] as const)('has every byte where %s cuts the carrying UDP datagrams into fragments', async ([, network]) => {
    const separator = network.endsWith(':') ? ':' : '.';
    const at = (here: number) => `${network}${separator}${here}`;
    const vxlan: Layer = (here) => ['vxlan', 'id', '1', 'local', at(here), 'remote', at(3 - here), 'dstport', '4789'];
    expect(setUp([vxlan], 1500)).toBe(true);
    const { halves, counters } = await captureAndRead('10.97.0.2');
    expectWhole(halves);
    expect(counters.fragmentsReassembled).toBeGreaterThan(5);
  });

  it.each([
    [['--mirrored'], /1 connections/],
    [[], /0 connections/],
  ])('is read by run with %j', async (options, summary) => {
    setUp([(here) => ['vxlan', 'id', '1', 'remote', `10.99.0.${3 - here}`, 'dstport', '4789']]);
    const run = ['dist/cli/main.js', 'run', '-i', 'outer0', '--capture', 'tcpdump', '--store', 'none', ...options];
    const product = inside(hosts.a, process.execPath, ...run);
    await says(product, /capturing on outer0/);
    await exchange('10.97.0.2');
    product.kill('SIGINT');
    await says(product, summary);
  });
});
