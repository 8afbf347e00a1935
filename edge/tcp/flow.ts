import type { Connection } from './connection.ts';
import { FLOW_FIELD, type FlowRows } from './flow-rows.ts';
import { HalfConnection } from './half-connection.ts';
import type { HeldSegment } from './held-segment.ts';
import type { LeftOut } from './left-out.ts';

/** A half's start is unknown; both are known; closed and only remembered. */
export const FLOW_OPENING = 0;
export const FLOW_ESTABLISHED = 1;
export const FLOW_CLOSED = 2;
export type FlowState = typeof FLOW_OPENING | typeof FLOW_ESTABLISHED | typeof FLOW_CLOSED;

/** A connection with what the flow table and reassembly keep about it. Idle it costs less than 1 KiB. */
export class Flow implements Connection {
  readonly #rows: FlowRows;
  /** What nearly every packet needs is in this row (`FlowRows`), until the registry forgets the flow. */
  readonly row: number;
  session: unknown = null;
  readonly client: HalfConnection;
  readonly server: HalfConnection;

  readonly clientAddress: Uint32Array;
  readonly clientPort: number;
  readonly serverAddress: Uint32Array;
  readonly serverPort: number;
  readonly openedUs: number;
  readonly openedSeq: number;
  readonly sawSyn: boolean;
  state: FlowState = FLOW_OPENING;
  /** Data of an implausible segment, kept until a second one agrees. */
  suspect: HeldSegment | null = null;
  isSuspectFromClient = false;
  /** Who showed the last implausible position. */
  isJumpFromClient = false;
  /** Capture second in which the flow was closed. */
  buriedSec = -1;

  constructor(
    rows: FlowRows,
    clientAddress: Uint32Array,
    serverAddress: Uint32Array,
    ports: number,
    isIpv6: boolean,
    hash: number,
    openedUs: number,
    openedSeq: number,
    sawSyn: boolean,
  ) {
    this.#rows = rows;
    this.row = rows.take(this);
    this.client = new HalfConnection(rows, this.row + FLOW_FIELD.clientNext);
    this.server = new HalfConnection(rows, this.row + FLOW_FIELD.serverNext);
    const { numbers } = rows;
    numbers[this.row + FLOW_FIELD.clientLow] = clientAddress[3]!;
    numbers[this.row + FLOW_FIELD.serverLow] = serverAddress[3]!;
    numbers[this.row + FLOW_FIELD.ports] = ports;
    numbers[this.row + FLOW_FIELD.isIpv6] = isIpv6 ? 1 : 0;
    numbers[this.row + FLOW_FIELD.lastSeenSec] = -1;
    numbers[this.row + FLOW_FIELD.hash] = hash;
    this.clientAddress = clientAddress;
    this.serverAddress = serverAddress;
    this.clientPort = ports >>> 16;
    this.serverPort = ports & 0xffff;
    this.openedUs = openedUs;
    this.openedSeq = openedSeq;
    this.sawSyn = sawSyn;
  }

  /** Its bytes are counted and not read; once left out it stays so. */
  get leftOut(): LeftOut {
    return this.#rows.numbers[this.row + FLOW_FIELD.leftOut] as LeftOut;
  }

  set leftOut(leftOut: LeftOut) {
    this.#rows.numbers[this.row + FLOW_FIELD.leftOut] = leftOut;
  }

  /** Both halves are known and seen, nothing is held, missing or ending: in-order segments need no further look. */
  get isFast(): boolean {
    return this.#rows.numbers[this.row + FLOW_FIELD.isFast] === 1;
  }

  set isFast(isFast: boolean) {
    this.#rows.numbers[this.row + FLOW_FIELD.isFast] = isFast ? 1 : 0;
  }

  get hasData(): boolean {
    return this.#rows.numbers[this.row + FLOW_FIELD.hasData] === 1;
  }

  set hasData(hasData: boolean) {
    this.#rows.numbers[this.row + FLOW_FIELD.hasData] = hasData ? 1 : 0;
  }

  /** Capture second of the last packet, modulo 2^32, at which the flow was moved to the end of its list. */
  get lastSeenSec(): number {
    return this.#rows.numbers[this.row + FLOW_FIELD.lastSeenSec]!;
  }

  set lastSeenSec(second: number) {
    this.#rows.numbers[this.row + FLOW_FIELD.lastSeenSec] = second;
  }

  /** Packets seen, modulo 2^32: the clock of holes next to capture time. */
  get packets(): number {
    return this.#rows.numbers[this.row + FLOW_FIELD.packets]!;
  }

  set packets(packets: number) {
    this.#rows.numbers[this.row + FLOW_FIELD.packets] = packets;
  }

  /** Both halves ended with a FIN, or one did and the other was never seen. */
  get isFinished(): boolean {
    const { client, server } = this;
    return (client.isFinished || !client.isSeen) && (server.isFinished || !server.isSeen);
  }
}
