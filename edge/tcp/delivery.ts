// Hot path
import type { Flow } from './flow.ts';
import type { HalfConnection } from './half-connection.ts';
import type { StreamHandler } from './stream-handler.ts';
import type { TcpCounters } from './tcp-counters.ts';

/** Hands bytes and gaps of a half to the layer above; the only place that moves `next` over data. */
export class Delivery {
  readonly #handler: StreamHandler;
  readonly #counters: TcpCounters;

  constructor(handler: StreamHandler, counters: TcpCounters) {
    this.#handler = handler;
    this.#counters = counters;
  }

  /** The half's next `length` bytes, of which `captured` are there; what the capture cut off is a gap at once. */
  deliver(
    flow: Flow,
    half: HalfConnection,
    fromClient: boolean,
    bytes: Buffer,
    start: number,
    captured: number,
    length: number,
    timeUs: number,
  ): void {
    half.next = (half.next + captured) | 0;
    this.#counters.deliveredBytes += captured;
    if (captured > 0) this.#handler.onData(flow, fromClient, bytes, start, start + captured, timeUs);
    if (captured < length) this.gap(flow, half, fromClient, length - captured, timeUs);
  }

  /** The half's next `missingBytes` were never captured. */
  gap(flow: Flow, half: HalfConnection, fromClient: boolean, missingBytes: number, timeUs: number): void {
    half.next = (half.next + missingBytes) | 0;
    this.missing(flow, half, fromClient, missingBytes, timeUs);
  }

  /** Reports missing bytes that `next` is already past. */
  missing(flow: Flow, half: HalfConnection, fromClient: boolean, missingBytes: number, timeUs: number): void {
    half.hadGap = true;
    this.#counters.gaps += 1;
    this.#counters.gapBytes += missingBytes;
    this.#handler.onGap(flow, fromClient, missingBytes, timeUs);
  }
}
