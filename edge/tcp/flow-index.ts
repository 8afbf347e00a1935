// Hot path
import { FLOW_FIELD, type FlowRows, NO_ROW } from './flow-rows.ts';

const FIRST_BUCKET_BITS = 10;
/** The hash is strongly universal for up to 17 output bits of 32 (see below), which bounds the buckets. */
const MAX_BUCKET_BITS = 17;
const { clientLow, serverLow, ports: flowPorts, isIpv6, nextInBucket, hash } = FLOW_FIELD;

/**
 * Finds a flow's row by addresses and ports. Chained hash over vector multiply-shift: the sum of 16-bit words times random
 * 32-bit factors, upper bits taken (Dietzfelbinger 1996; Thorup, "High speed hashing for integers and strings", 3.3).
 * Any two keys collide with probability 2^-bits over the factors, which are drawn per process, so nobody outside can
 * choose addresses that collide. No result depends on the factors. There are about as many buckets as flows: few enough to stay in
 * a near cache.
 */
export class FlowIndex {
  readonly #rows: FlowRows;
  readonly #factors = crypto.getRandomValues(new Int32Array(19));
  /** The row of the first flow of each. */
  #buckets = new Int32Array(2 ** FIRST_BUCKET_BITS).fill(NO_ROW);
  #shift = 32 - FIRST_BUCKET_BITS;
  #count = 0;

  constructor(rows: FlowRows) {
    this.#rows = rows;
  }

  /** IPv4: addresses as 32-bit integers, ports as client << 16 | server. @returns NO_ROW where there is none. */
  find4(client: number, server: number, ports: number): number {
    const { numbers } = this.#rows;
    let row = this.#buckets[this.hash4(client, server, ports) >>> this.#shift]!;
    while (row !== NO_ROW) {
      if (
        numbers[row + clientLow] === client &&
        numbers[row + flowPorts] === ports &&
        numbers[row + serverLow] === server &&
        numbers[row + isIpv6] === 0
      ) {
        return row;
      }
      row = numbers[row + nextInBucket]!;
    }
    return NO_ROW;
  }

  /** IPv6: addresses as the 16 bytes at `clientAt` and `serverAt`. @returns NO_ROW where there is none. */
  find6(bytes: Buffer, clientAt: number, serverAt: number, ports: number): number {
    const { numbers } = this.#rows;
    let row = this.#buckets[this.hash6(bytes, clientAt, serverAt, ports) >>> this.#shift]!;
    while (row !== NO_ROW) {
      if (numbers[row + flowPorts] === ports && numbers[row + isIpv6] === 1) {
        const flow = this.#rows.flow(row);
        if (isAddress(flow.clientAddress, bytes, clientAt) && isAddress(flow.serverAddress, bytes, serverAt))
          return row;
      }
      row = numbers[row + nextInBucket]!;
    }
    return NO_ROW;
  }

  add(row: number): void {
    if (this.#count === this.#buckets.length && this.#shift > 32 - MAX_BUCKET_BITS) this.#grow();
    this.#count += 1;
    this.#link(row);
  }

  remove(row: number): void {
    const { numbers } = this.#rows;
    const bucket = numbers[row + hash]! >>> this.#shift;
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
    this.#count -= 1;
  }

  #link(row: number): void {
    const { numbers } = this.#rows;
    const bucket = numbers[row + hash]! >>> this.#shift;
    numbers[row + nextInBucket] = this.#buckets[bucket]!;
    this.#buckets[bucket] = row;
  }

  #grow(): void {
    const before = this.#buckets;
    this.#buckets = new Int32Array(2 * before.length).fill(NO_ROW);
    this.#shift -= 1;
    for (const first of before) {
      for (let row = first; row !== NO_ROW; ) {
        const next = this.#rows.numbers[row + nextInBucket]!;
        this.#link(row);
        row = next;
      }
    }
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
