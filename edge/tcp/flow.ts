import type { Connection } from './connection.ts';
import { HalfConnection } from './half-connection.ts';
import type { HeldSegment } from './held-segment.ts';
import { LEFT_OUT, type LeftOut } from './left-out.ts';

/** A half's start is unknown; both are known; closed and only remembered. */
export const FLOW_OPENING = 0;
export const FLOW_ESTABLISHED = 1;
export const FLOW_CLOSED = 2;
export type FlowState = typeof FLOW_OPENING | typeof FLOW_ESTABLISHED | typeof FLOW_CLOSED;

/** A connection with what the flow table and reassembly keep about it. Idle it costs less than 1 KiB. */
export class Flow implements Connection {
  // What each packet needs stands first and so in few cache lines, which counts with thousands of connections.
  readonly clientLow: number;
  /** Client port in the upper half, server port in the lower; low words of the addresses: what a lookup compares. */
  readonly ports: number;
  readonly serverLow: number;
  readonly isIpv6: boolean;
  nextInBucket: Flow | null = null;
  /** Its bytes are counted and not read; once left out it stays so. */
  leftOut: LeftOut = LEFT_OUT.no;
  /** Both halves are known and seen, nothing is held, missing or ending: in-order segments need no further look. */
  isFast = false;
  /** Packets seen, modulo 2^32: the clock of holes next to capture time. */
  packets = 0;
  /** Capture second of the last packet, at which the flow was moved to the end of its list. */
  lastSeenSec = -1;
  hasData = false;
  readonly client = new HalfConnection();
  readonly server = new HalfConnection();
  session: unknown = null;

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
  readonly hash: number;
  /** Capture second in which the flow was closed. */
  buriedSec = -1;
  previousInList: Flow | null = null;
  nextInList: Flow | null = null;

  constructor(
    clientAddress: Uint32Array,
    serverAddress: Uint32Array,
    ports: number,
    isIpv6: boolean,
    hash: number,
    openedUs: number,
    openedSeq: number,
    sawSyn: boolean,
  ) {
    this.clientAddress = clientAddress;
    this.serverAddress = serverAddress;
    this.clientPort = ports >>> 16;
    this.serverPort = ports & 0xffff;
    this.ports = ports;
    this.clientLow = clientAddress[3]! | 0;
    this.serverLow = serverAddress[3]! | 0;
    this.isIpv6 = isIpv6;
    this.hash = hash;
    this.openedUs = openedUs;
    this.openedSeq = openedSeq;
    this.sawSyn = sawSyn;
  }

  /** Both halves ended with a FIN, or one did and the other was never seen. */
  get isFinished(): boolean {
    const { client, server } = this;
    return (client.isFinished || !client.isSeen) && (server.isFinished || !server.isSeen);
  }
}
