// Hot path
import type { Flow } from './flow.ts';

/** What stands where in a row; truths are 0 or 1, links are rows. */
export const FLOW_FIELD = {
  /** What a lookup compares: low words of the addresses, and ports as client << 16 | server. */
  clientLow: 0,
  serverLow: 1,
  ports: 2,
  isIpv6: 3,
  nextInBucket: 4,
  leftOut: 5,
  isFast: 6,
  hasData: 7,
  lastSeenSec: 8,
  packets: 9,
  clientNext: 10,
  serverNext: 11,
  previousInList: 12,
  nextInList: 13,
  hash: 14,
} as const;
/** Numbers of a row, 16, which are 64 bytes: a cache line. */
const ROW_BITS = 4;
const ROW_NUMBERS = 1 << ROW_BITS;
const FIRST_ROWS = 1024;

/** No row. */
export const NO_ROW = -1;

/**
 * What nearly every packet needs of its flow, as 32-bit integers side by side in one array: with thousands of flows their objects
 * lie scattered over the heap, where each cache line that a packet touches is a miss. A row is named by where it begins.
 */
export class FlowRows {
  numbers = new Int32Array(FIRST_ROWS * ROW_NUMBERS);
  readonly #flows: (Flow | null)[] = [];
  readonly #free: number[] = [];

  /** The flow of a row that is taken. */
  flow(row: number): Flow {
    return this.#flows[row >> ROW_BITS] as Flow;
  }

  /** A row of zeros that belongs to the flow until it is released. */
  take(flow: Flow): number {
    const place = this.#free.pop() ?? this.#flows.length;
    this.#flows[place] = flow;
    const row = place << ROW_BITS;
    if (row === this.numbers.length) {
      const grown = new Int32Array(2 * row);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers.fill(0, row, row + ROW_NUMBERS);
    return row;
  }

  release(row: number): void {
    this.#flows[row >> ROW_BITS] = null;
    this.#free.push(row >> ROW_BITS);
  }
}
