import { connectionUid } from '../framer/connection-uid.ts';
import type { Connection } from '../tcp/connection.ts';
import { LEFT_OUT, type LeftOut } from '../tcp/left-out.ts';

/**
 * Which connections are read. Both choices are by hash of the connection's uid, so that they are the same whenever the same
 * packets are read, and by different bytes of it, so that they are independent of each other and of the partition.
 */
export class Admission {
  /** Share of the connections that the guard leaves out now, 0 to 1. */
  shedShare = 0;
  private readonly serverId: string;
  private readonly sampleShare: number;

  /** @param sampleShare Share of the connections that is wanted, 0 to 1. */
  constructor(serverId: string, sampleShare: number) {
    this.serverId = serverId;
    this.sampleShare = sampleShare;
  }

  decide(connection: Connection): LeftOut {
    if (this.shedShare <= 0 && this.sampleShare >= 1) return LEFT_OUT.no;
    const uid = connectionUid(this.serverId, connection);
    if (fraction(uid, 4) >= this.sampleShare) return LEFT_OUT.sampledOut;
    return this.isShed(uid) ? LEFT_OUT.shed : LEFT_OUT.no;
  }

  isShed(uid: Uint8Array): boolean {
    return fraction(uid, 8) < this.shedShare;
  }
}

function fraction(uid: Uint8Array, at: number): number {
  return ((uid[at]! | (uid[at + 1]! << 8) | (uid[at + 2]! << 16) | (uid[at + 3]! << 24)) >>> 0) / 2 ** 32;
}
