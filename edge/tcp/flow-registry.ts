import { AddressCache } from './address-cache.ts';
import { FLOW_CLOSED, Flow } from './flow.ts';
import { FlowIndex } from './flow-index.ts';
import { FlowList } from './flow-list.ts';
import { FlowRows } from './flow-rows.ts';
import type { Segment } from './segment.ts';

/** Closed flows are remembered for so long (TIME_WAIT, RFC 9293 3.6.1): late segments must not open a connection anew. */
const TOMBSTONE_SECONDS = 120;
/** A connection without any data is forgotten after so long; MySQL's own `connect_timeout` is 10 s. */
const EMPTY_SECONDS = 120;

/**
 * Holds the flows: found by addresses and ports, and listed by how long ago they were touched (by capture second).
 * Flows without data have a list of their own, so that a scan or a SYN flood pushes out no working connection.
 */
export class FlowRegistry {
  readonly rows = new FlowRows();
  readonly #index: FlowIndex;
  readonly #addresses = new AddressCache();
  readonly #maxConnections: number;
  readonly #idleSeconds: number;
  readonly #tombstones = new FlowList(this.rows);
  readonly #empty = new FlowList(this.rows);
  readonly #active = new FlowList(this.rows);

  constructor(maxConnections: number, idleUs: number) {
    this.#index = new FlowIndex(this.rows);
    this.#maxConnections = Math.max(1, maxConnections);
    this.#idleSeconds = idleUs / 1_000_000;
  }

  /** Flows kept, closed ones included. */
  get count(): number {
    return this.#tombstones.count + this.#empty.count + this.#active.count;
  }

  /** @returns The row of the flow, open or closed; NO_ROW where there is none. */
  find(bytes: Buffer, clientAt: number, serverAt: number, ports: number, isIpv6: boolean): number {
    if (isIpv6) return this.#index.find6(bytes, clientAt, serverAt, ports);
    return this.#index.find4(bytes.readInt32BE(clientAt), bytes.readInt32BE(serverAt), ports);
  }

  /** Makes a flow for the segment's addresses; the caller has removed an older one of the same ports and made room. */
  add(segment: Segment): Flow {
    const { bytes, clientAt, serverAt, ports, isIpv6 } = segment;
    const client = this.#addresses.address(bytes, clientAt, isIpv6);
    const server = this.#addresses.address(bytes, serverAt, isIpv6);
    const hash = isIpv6
      ? this.#index.hash6(bytes, clientAt, serverAt, ports)
      : this.#index.hash4(client[3]! | 0, server[3]! | 0, ports);
    const { timeUs, seq, isSyn } = segment;
    const flow = new Flow(this.rows, client, server, ports, isIpv6, hash, timeUs, seq >>> 0, isSyn);
    this.#index.add(flow.row);
    this.#empty.append(flow);
    return flow;
  }

  /** The flow was heard in this capture second. */
  touch(flow: Flow, nowSec: number, hasData: boolean): void {
    (flow.hasData ? this.#active : this.#empty).remove(flow);
    if (hasData) flow.hasData = true;
    flow.lastSeenSec = nowSec;
    (flow.hasData ? this.#active : this.#empty).append(flow);
  }

  /** Forgets a flow altogether. */
  remove(flow: Flow): void {
    this.#index.remove(flow.row);
    if (flow.state === FLOW_CLOSED) this.#tombstones.remove(flow);
    else (flow.hasData ? this.#active : this.#empty).remove(flow);
    this.rows.release(flow.row);
  }

  /** An open flow becomes a tombstone; the caller sets its state. */
  bury(flow: Flow, nowSec: number): void {
    (flow.hasData ? this.#active : this.#empty).remove(flow);
    // Not lastSeenSec: a flow may be closed long after its last packet.
    flow.buriedSec = nowSec;
    this.#tombstones.append(flow);
  }

  /** Forgets the oldest tombstone where the table is full; else names the open flow that must go, or null if there is room. */
  makeRoom(): Flow | null {
    if (this.count < this.#maxConnections) return null;
    const tombstone = this.#tombstones.oldest;
    if (tombstone === null) return this.#empty.oldest ?? this.#active.oldest;
    this.remove(tombstone);
    return null;
  }

  /** Forgets old tombstones. */
  expireTombstones(nowSec: number): void {
    let flow = this.#tombstones.oldest;
    while (flow !== null && ((nowSec - flow.buriedSec) | 0) >= TOMBSTONE_SECONDS) {
      this.remove(flow);
      flow = this.#tombstones.oldest;
    }
  }

  /** An open flow that was silent for too long, or null. */
  oldestIdle(nowSec: number): Flow | null {
    const empty = this.#empty.oldest;
    if (empty !== null && ((nowSec - empty.lastSeenSec) | 0) >= EMPTY_SECONDS) return empty;
    const active = this.#active.oldest;
    return active !== null && ((nowSec - active.lastSeenSec) | 0) >= this.#idleSeconds ? active : null;
  }

  /** Every open flow; none may be added or removed meanwhile. */
  *open(): Iterable<Flow> {
    yield* this.#active;
    yield* this.#empty;
  }

  /** Any open flow, the longest untouched first. */
  oldestOpen(): Flow | null {
    return this.#active.oldest ?? this.#empty.oldest;
  }
}
