// Hot path
import type { Flow } from './flow.ts';

/** The hash is strongly universal for up to 17 output bits of 32 (see below), which bounds the buckets. */
const MAX_BUCKET_BITS = 17;

/**
 * Finds a flow by addresses and ports. Chained hash over vector multiply-shift: the sum of 16-bit words times random
 * 32-bit factors, upper bits taken (Dietzfelbinger 1996; Thorup, "High speed hashing for integers and strings", 3.3).
 * Any two keys collide with probability 2^-bits over the factors, which are drawn per process, so nobody outside can
 * choose addresses that collide. No result depends on the factors.
 */
export class FlowIndex {
  readonly #buckets: (Flow | null)[];
  readonly #shift: number;
  readonly #factors: Int32Array;

  /** @param flows Number of flows expected at most. */
  constructor(flows: number) {
    const bits = Math.min(MAX_BUCKET_BITS, Math.max(4, Math.ceil(Math.log2(flows))));
    this.#buckets = new Array<Flow | null>(2 ** bits).fill(null);
    this.#shift = 32 - bits;
    this.#factors = crypto.getRandomValues(new Int32Array(19));
  }

  /** IPv4: addresses as 32-bit integers, ports as client << 16 | server. */
  find4(client: number, server: number, ports: number): Flow | null {
    let flow = this.#buckets[this.hash4(client, server, ports) >>> this.#shift] as Flow | null;
    while (flow !== null) {
      if (flow.clientLow === client && flow.ports === ports && flow.serverLow === server && !flow.isIpv6) return flow;
      flow = flow.nextInBucket;
    }
    return null;
  }

  /** IPv6: addresses as the 16 bytes at `clientAt` and `serverAt`. */
  find6(bytes: Buffer, clientAt: number, serverAt: number, ports: number): Flow | null {
    let flow = this.#buckets[this.hash6(bytes, clientAt, serverAt, ports) >>> this.#shift] as Flow | null;
    while (flow !== null) {
      if (
        flow.ports === ports &&
        flow.isIpv6 &&
        isAddress(flow.clientAddress, bytes, clientAt) &&
        isAddress(flow.serverAddress, bytes, serverAt)
      ) {
        return flow;
      }
      flow = flow.nextInBucket;
    }
    return null;
  }

  add(flow: Flow): void {
    const bucket = flow.hash >>> this.#shift;
    flow.nextInBucket = this.#buckets[bucket] as Flow | null;
    this.#buckets[bucket] = flow;
  }

  remove(flow: Flow): void {
    const bucket = flow.hash >>> this.#shift;
    let before: Flow | null = null;
    let at = this.#buckets[bucket] as Flow | null;
    while (at !== null && at !== flow) {
      before = at;
      at = at.nextInBucket;
    }
    if (at === null) return;
    if (before === null) this.#buckets[bucket] = flow.nextInBucket;
    else before.nextInBucket = flow.nextInBucket;
    flow.nextInBucket = null;
  }

  hash4(client: number, server: number, ports: number): number {
    const f = this.#factors;
    const addresses =
      Math.imul(f[0]!, client >>> 16) +
      Math.imul(f[1]!, client & 0xffff) +
      Math.imul(f[2]!, server >>> 16) +
      Math.imul(f[3]!, server & 0xffff);
    return (addresses + Math.imul(f[4]!, ports >>> 16) + Math.imul(f[5]!, ports & 0xffff) + f[18]!) | 0;
  }

  hash6(bytes: Buffer, clientAt: number, serverAt: number, ports: number): number {
    const f = this.#factors;
    let sum = (Math.imul(f[4]!, ports >>> 16) + Math.imul(f[5]!, ports & 0xffff) + f[18]!) | 0;
    for (let i = 0; i < 8; i += 1) {
      const client = (bytes[clientAt + 2 * i]! << 8) | bytes[clientAt + 2 * i + 1]!;
      const server = (bytes[serverAt + 2 * i]! << 8) | bytes[serverAt + 2 * i + 1]!;
      // Factors 4 and 5 belong to the ports: the address words skip them.
      sum = (sum + Math.imul(f[i < 4 ? i : i + 2]!, client) + Math.imul(f[i + 10]!, server)) | 0;
    }
    return sum;
  }
}

function isAddress(address: Uint32Array, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < 4; i += 1) {
    const o = at + 4 * i;
    const word = (bytes[o]! << 24) | (bytes[o + 1]! << 16) | (bytes[o + 2]! << 8) | bytes[o + 3]!;
    if ((address[i]! | 0) !== word) return false;
  }
  return true;
}
