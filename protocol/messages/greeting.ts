import type { ByteReader } from '../byte-reader.ts';
import { CAPABILITY } from '../capabilities.ts';

/**
 * The server's first message.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
 *
 *   1 protocol version 10 · NUL server version · 4 thread id · 8 scramble · 1 filler · 2 capabilities (low) · 1 collation
 *   2 status · 2 capabilities (high) · 1 scramble length · 10 filler (MariaDB: 6 filler + 4 own capabilities)
 *   max(13, length - 8) scramble · NUL auth plugin
 *
 * Version 9 (before 4.0) ends after the thread id and a NUL-terminated scramble.
 */
export interface Greeting {
  serverVersion: string;
  threadId: number;
  capabilities: number;
  mariadbCapabilities: number;
  collation: number;
  status: number;
  /** Where the scramble's two parts lie in the message: they are blanked before anything is shipped. */
  scrambleSpans: readonly (readonly [start: number, end: number])[];
}

/** MariaDB puts this in front of its version so that old replicas accept it. */
const REPLICATION_PREFIX = '5.5.5-';

/** Reads a greeting; null when the bytes are none. */
export function readGreeting(reader: ByteReader): Greeting | null {
  const version = reader.u8();
  if (version !== 10 && version !== 9) return null;
  reader.nulSpan();
  const rawVersion = reader.bytes.toString('latin1', reader.spanStart, reader.spanEnd);
  if (rawVersion.length === 0 || rawVersion.length > 128 || !/^[\x20-\x7e]+$/.test(rawVersion)) return null;
  const serverVersion =
    rawVersion.startsWith(REPLICATION_PREFIX) && rawVersion.includes('MariaDB')
      ? rawVersion.slice(REPLICATION_PREFIX.length)
      : rawVersion;
  const threadId = reader.u32();
  if (reader.overrun) return null;
  const greeting: Greeting = {
    serverVersion,
    threadId,
    capabilities: 0,
    mariadbCapabilities: 0,
    collation: 0,
    status: 0,
    scrambleSpans: [[reader.pos, reader.end]],
  };
  if (version === 9) return greeting;
  const first = reader.pos;
  reader.skip(9);
  if (reader.overrun) return null;
  greeting.capabilities = reader.u16();
  if (reader.left === 0) {
    greeting.scrambleSpans = [[first, first + 8]];
    return greeting;
  }
  greeting.collation = reader.u8();
  greeting.status = reader.u16();
  greeting.capabilities += reader.u16() * 0x1_0000;
  const scrambleBytes = reader.u8();
  reader.skip(6);
  const mariadb = reader.u32();
  if ((greeting.capabilities & CAPABILITY.longPassword) === 0) greeting.mariadbCapabilities = mariadb;
  const second = reader.pos;
  const secondEnd = Math.min(reader.end, second + Math.max(13, scrambleBytes - 8));
  greeting.scrambleSpans = [
    [first, first + 8],
    [second, secondEnd],
  ];
  return greeting;
}
