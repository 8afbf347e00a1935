import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from '../packages.ts';
import { ip } from '../two-hosts.ts';

const RELAY = fileURLToPath(new URL('./relay.py', import.meta.url));
/** Frames must be as long as on a wire and have their checksums: a relay carries them as they are. */
const OFFLOADS = ['tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off'];

/**
 * A client's network namespace, joined to this one over a third that captures:
 *
 *     client ── relay ── tap ── relay ── here (server)
 *
 * The relays repeat and reorder frames on their way to the tap, so the capture sees that, and lose frames on their way from
 * it, so the capture sees the lost one and its retransmission. Needs root, iproute2, ethtool and python3.
 */
export class LossyNetwork {
  /** Where the server listens. */
  readonly serverAddress = '10.98.0.2';
  /** Starts a program as the client's. */
  readonly client: readonly string[];
  /** Starts a program where the tap is. */
  readonly tap: readonly string[];
  readonly tapInterface = 'tap0';
  private readonly names: readonly [string, string];
  private readonly relays: ChildProcess[] = [];

  private constructor(name: string) {
    const client = `${name}-c`;
    const middle = `${name}-m`;
    this.names = [client, middle];
    this.client = ['ip', 'netns', 'exec', client];
    this.tap = ['ip', 'netns', 'exec', middle];
  }

  static async start(name: string): Promise<LossyNetwork> {
    ensureInstalled('ip', 'ethtool', 'python3');
    const network = new LossyNetwork(name);
    try {
      await network.build(name);
    } catch (error) {
      network.remove();
      throw error;
    }
    return network;
  }

  private async build(name: string): Promise<void> {
    const [client, middle] = this.names;
    const here = `${name}-s`;
    // What a run that was killed left behind.
    this.remove();
    for (const host of this.names) ip('netns', 'add', host);
    ip('link', 'add', 'eth0', 'netns', client, 'type', 'veth', 'peer', 'name', 'to-client', 'netns', middle);
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', 'to-server', 'netns', middle);
    ip('-n', middle, 'link', 'add', this.tapInterface, 'type', 'veth', 'peer', 'name', 'tap1');
    for (const device of ['to-client', 'to-server', this.tapInterface, 'tap1'])
      ip('-n', middle, 'link', 'set', device, 'up');
    ip('-n', client, 'address', 'add', '10.98.0.1/24', 'dev', 'eth0');
    ip('-n', client, 'link', 'set', 'eth0', 'up');
    ip('address', 'add', `${this.serverAddress}/24`, 'dev', here);
    ip('link', 'set', here, 'up');
    run([...this.client, 'ethtool', '-K', 'eth0', ...OFFLOADS]);
    run(['ethtool', '-K', here, ...OFFLOADS]);
    await this.relay('to-client', this.tapInterface);
    await this.relay('to-server', 'tap1');
  }

  /** The namespaces go, and with them every interface in them and its peer here. */
  remove(): void {
    for (const relay of this.relays) relay.kill();
    for (const host of this.names) spawnSync('ip', ['netns', 'del', host]);
  }

  private relay(host: string, tap: string): Promise<void> {
    const [program, ...rest] = [...this.tap, 'python3', RELAY, host, tap];
    const child = spawn(program!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.relays.push(child);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`the relay of ${host} ended`)));
      child.stdout?.once('data', () => resolve());
    });
  }
}

function run([program, ...args]: readonly string[]): void {
  const done = spawnSync(program!, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}`);
}
