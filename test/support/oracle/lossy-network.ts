import { spawnSync } from 'node:child_process';
import { ip } from '../two-hosts.ts';

/** What happens to packets on a link, as `tc netem` takes it. */
export interface Disturbances {
  /** Between each host and the point of the capture: seen by it. */
  readonly before: readonly string[];
  /** Between the point of the capture and each host: the capture sees the packet and, later, its retransmission. */
  readonly after: readonly string[];
}

/**
 * A client's network namespace, joined to this one over a third that captures:
 *
 *     client ── bridge ── tap ── bridge ── here (server)
 *
 * A host's own link disturbs what the host sends, a bridge's link to a host what the bridge sends to it, so the first is
 * before the tap and the second after it. Needs root and iproute2.
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

  constructor(name: string, disturbances: Disturbances) {
    const client = `${name}-c`;
    const middle = `${name}-m`;
    this.names = [client, middle];
    this.client = ['ip', 'netns', 'exec', client];
    this.tap = ['ip', 'netns', 'exec', middle];
    const here = `${name}-s`;
    for (const host of this.names) ip('netns', 'add', host);
    ip('link', 'add', 'eth0', 'netns', client, 'type', 'veth', 'peer', 'name', 'to-client', 'netns', middle);
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', 'to-server', 'netns', middle);
    ip('-n', middle, 'link', 'add', this.tapInterface, 'type', 'veth', 'peer', 'name', 'tap1');
    for (const [bridge, ports] of [
      ['left', ['to-client', this.tapInterface]],
      ['right', ['to-server', 'tap1']],
    ] as const) {
      ip('-n', middle, 'link', 'add', bridge, 'type', 'bridge');
      ip('-n', middle, 'link', 'set', bridge, 'up');
      for (const port of ports) {
        ip('-n', middle, 'link', 'set', port, 'master', bridge);
        ip('-n', middle, 'link', 'set', port, 'up');
      }
    }
    ip('-n', client, 'address', 'add', '10.98.0.1/24', 'dev', 'eth0');
    ip('-n', client, 'link', 'set', 'eth0', 'up');
    ip('address', 'add', `${this.serverAddress}/24`, 'dev', here);
    ip('link', 'set', here, 'up');
    disturb(['-n', client], 'eth0', disturbances.before);
    disturb([], here, disturbances.before);
    disturb(['-n', middle], 'to-client', disturbances.after);
    disturb(['-n', middle], 'to-server', disturbances.after);
  }

  /** The namespaces go, and with them every interface in them and its peer here. */
  remove(): void {
    for (const host of this.names) spawnSync('ip', ['netns', 'del', host]);
  }
}

function disturb(host: readonly string[], device: string, netem: readonly string[]): void {
  if (netem.length === 0) return;
  const args = [...host, 'qdisc', 'add', 'dev', device, 'root', 'netem', 'limit', '100000', ...netem];
  const done = spawnSync('tc', args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`tc ${args.join(' ')}: ${done.stderr}`);
}
