import { LRUCache } from 'lru-cache';
import { canonicalAddress } from '../../schemas/canonical-address.ts';

/** Looks a name up. Rejects where there is no such name. */
export type LookUp = (name: string) => Promise<readonly string[]>;

const KNOWN_NAMES = 10_000;
const KNOWN_MS = 300_000;
const UNKNOWN_MS = 60_000;
const MAX_ADDRESSES = 32;
/** Lookups at the same time: each takes a thread of the process. */
const CONCURRENT = 3;
/** What a server itself calls by this name, whatever the watcher's own host has under it. */
const LOCALHOST = ['127.0.0.1', '::1'];

/**
 * The addresses behind the host names of process lists (servers without skip_name_resolve). Found ones are remembered for five
 * minutes, missing ones for one. A list never waits for a slow resolver longer than given: the name has no addresses then, and has
 * them at a later reading.
 */
export class HostNames {
  private readonly lookUp: LookUp;
  private readonly known = new LRUCache<string, readonly string[]>({ max: KNOWN_NAMES, ttl: KNOWN_MS });
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(lookUp: LookUp) {
    this.lookUp = lookUp;
  }

  /** What is known of a host; null where it must be asked for. An address is itself. */
  addresses(host: string): readonly string[] | null {
    const address = canonicalAddress(host);
    if (address !== null) return [address];
    if (host.toLowerCase() === 'localhost') return LOCALHOST;
    return this.known.get(host) ?? null;
  }

  /** Asks for those of these names that are not known; done when that is over or the time is. Never rejects. */
  async learn(names: Iterable<string>, limitMs: number): Promise<void> {
    const waiting = [...names];
    const workers = Array.from({ length: CONCURRENT }, async () => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) await this.ask(name);
    });
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        waiting.length = 0;
        resolve();
      }, limitMs);
    });
    await Promise.race([Promise.all(workers), limit]);
    clearTimeout(timer);
  }

  private ask(name: string): Promise<void> {
    const asked = this.underWay.get(name);
    if (asked !== undefined) return asked;
    const answer = this.lookUp(name)
      .then(
        (found) => this.remember(name, found),
        () => {
          this.known.set(name, [], { ttl: UNKNOWN_MS });
        },
      )
      .finally(() => this.underWay.delete(name));
    this.underWay.set(name, answer);
    return answer;
  }

  private remember(name: string, found: readonly string[]): void {
    const addresses = new Set<string>();
    for (const text of found.slice(0, MAX_ADDRESSES)) {
      const address = canonicalAddress(text);
      if (address !== null) addresses.add(address);
    }
    this.known.set(name, [...addresses], addresses.size === 0 ? { ttl: UNKNOWN_MS } : {});
  }
}
