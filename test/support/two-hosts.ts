import { spawnSync } from 'node:child_process';

/**
 * Two hosts `a` and `b` on one machine: network namespaces joined by a pair of interfaces, both named `outer0`, with the addresses
 * 10.99.0.1 and .2, fd99::1 and ::2 and an MTU of 1500. Needs root and iproute2.
 */
export class TwoHosts {
  readonly a: string;
  readonly b: string;

  constructor(name: string) {
    this.a = `${name}-a`;
    this.b = `${name}-b`;
    for (const host of [this.a, this.b]) {
      ip('netns', 'add', host);
      ip('-n', host, 'link', 'set', 'lo', 'up');
    }
    ip('link', 'add', 'outer0', 'netns', this.a, 'type', 'veth', 'peer', 'name', 'outer0', 'netns', this.b);
    for (const [host, number] of [
      [this.a, 1],
      [this.b, 2],
    ] as const) {
      ip('-n', host, 'address', 'add', `10.99.0.${number}/24`, 'dev', 'outer0');
      ip('-n', host, 'address', 'add', `fd99::${number}/64`, 'dev', 'outer0', 'nodad');
      ip('-n', host, 'link', 'set', 'outer0', 'up');
    }
  }

  /** The namespaces go, and with them every interface in them. */
  remove(): void {
    for (const host of [this.a, this.b]) spawnSync('ip', ['netns', 'del', host]);
  }
}

/** @throws Error with what `ip` said. */
export function ip(...args: string[]): void {
  const done = spawnSync('ip', args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`ip ${args.join(' ')}: ${done.stderr}`);
}
