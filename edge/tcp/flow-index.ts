// Hot path
import type { Flow } from './flow.ts';
import { FLOW_FIELD, type FlowRows, NO_ROW } from './flow-rows.ts';

/** The hash is strongly universal for up to 17 output bits of 32 (see below), which bounds the buckets. */
const MAX_BUCKET_BITS = 17;
const { clientLow, serverLow, ports: flowPorts, isIpv6, nextInBucket } = FLOW_FIELD;

/**
 * Finds a flow by addresses and ports. Chained hash over vector multiply-shift: the sum of 16-bit words times random
 * 32-bit factors, upper bits taken (Dietzfelbinger 1996; Thorup, "High speed hashing for integers and strings", 3.3).
 * Any two keys collide with probability 2^-bits over the factors, which are drawn per process, so nobody outside can
 * choose addresses that collide. No result depends on the factors.
 */
export class FlowIndex {
  readonly #rows: FlowRows;
  /** The row of the first flow of each. */
  readonly #buckets: Int32Array;
  readonly #shift: number;
  readonly #factors: Int32Array;

  /** @param flows Number of flows expected at most. */
  constructor(rows: FlowRows, flows: number) {
    this.#rows = rows;
    const bits = Math.min(MAX_BUCKET_BITS, Math.max(4, Math.ceil(Math.log2(flows))));
    this.#buckets = new Int32Array(2 ** bits).fill(NO_ROW);
    this.#shift = 32 - bits;
    this.#factors = crypto.getRandomValues(new Int32Array(19));
  }

  /** IPv4: addresses as 32-bit integers, ports as client << 16 | server. */
  find4(client: number, server: number, ports: number): Flow | null {
    const { numbers } = this.#rows;
    let row = this.#buckets[this.hash4(client, server, ports) >>> this.#shift]!;
    while (row !== NO_ROW) {
      if (
        numbers[row + clientLow] === client &&
        numbers[row + flowPorts] === ports &&
        numbers[row + serverLow] === server &&
        numbers[row + isIpv6] === 0
      ) {
        return this.#rows.flow(row);
      }
      row = numbers[row + nextInBucket]!;
    }
    return null;
  }

  /** IPv6: addresses as the 16 bytes at `clientAt` and `serverAt`. */
  find6(bytes: Buffer, clientAt: number, serverAt: number, ports: number): Flow | null {
    const { numbers } = this.#rows;
    let row = this.#buckets[this.hash6(bytes, clientAt, serverAt, ports) >>> this.#shift]!;
    while (row !== NO_ROW) {
      if (numbers[row + flowPorts] === ports && numbers[row + isIpv6] === 1) {
        const flow = this.#rows.flow(row);
        if (isAddress(flow.clientAddress, bytes, clientAt) && isAddress(flow.serverAddress, bytes, serverAt))
          return flow;
      }
      row = numbers[row + nextInBucket]!;
    }
    return null;
  }

  add({ row, hash }: Flow): void {
    const bucket = hash >>> this.#shift;
    this.#rows.numbers[row + nextInBucket] = this.#buckets[bucket]!;
    this.#buckets[bucket] = row;
  }

  remove({ row, hash }: Flow): void {
    const { numbers } = this.#rows;
    const bucket = hash >>> this.#shift;
    let before = NO_ROW;
    let at = this.#buckets[bucket]!;
    while (at !== NO_ROW && at !== row) {
      before = at;
      at = numbers[at + nextInBucket]!;
    }
    if (at === NO_ROW) return;
    const next = numbers[row + nextInBucket]!;
    if (before === NO_ROW) this.#buckets[bucket] = next;
    else numbers[before + nextInBucket] = next;
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
