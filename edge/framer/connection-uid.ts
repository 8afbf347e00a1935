import { createHash } from 'node:crypto';
import type { Connection } from '../tcp/connection.ts';

/**
 * Names a connection: the first 16 bytes of SHA-256 over the server's name, the addresses and ports, and the time and sequence
 * number of its first segment. The same packets give the same name whenever they are read.
 */
export function connectionUid(serverId: string, connection: Connection): Buffer {
  const fixed = Buffer.alloc(48);
  for (let i = 0; i < 4; i++) {
    fixed.writeUInt32BE(connection.clientAddress[i]!, i * 4);
    fixed.writeUInt32BE(connection.serverAddress[i]!, 16 + i * 4);
  }
  fixed.writeUInt16BE(connection.clientPort, 32);
  fixed.writeUInt16BE(connection.serverPort, 34);
  fixed.writeUInt32BE(connection.openedSeq >>> 0, 36);
  fixed.writeDoubleBE(connection.openedUs, 40);
  return createHash('sha256').update(fixed).update(serverId).digest().subarray(0, 16);
}

/** The partition of a connection: all its messages go there, in order. */
export function connectionPartition(uid: Buffer, partitions: number): number {
  return uid.readUInt32LE(0) % partitions;
}
