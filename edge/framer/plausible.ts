import { ByteReader } from '../../protocol/byte-reader.ts';
import { COMMAND, COMMAND_NAME } from '../../protocol/commands.ts';
import { readGreeting } from '../../protocol/messages/greeting.ts';
import { readHandshakeResponse } from '../../protocol/messages/handshake-response.ts';

/**
 * Does a message begin here? Asked at the start of a segment when the place in the stream is not known: a connection older
 * than the capture, or one that lost bytes. Clients write a message at a time, so it nearly always begins a segment. A wrong
 * yes would show garbage as a statement, so every fixed length is checked.
 */

const HEADER_BYTES = 4;
const reader = new ByteReader();

/** Commands whose payload has exactly this length. */
const FIXED_BYTES = new Map<number, number>([
  [COMMAND.quit, 1],
  [COMMAND.statistics, 1],
  [COMMAND.processInfo, 1],
  [COMMAND.processKill, 5],
  [COMMAND.debug, 1],
  [COMMAND.ping, 1],
  [COMMAND.close, 5],
  [COMMAND.reset, 5],
  [COMMAND.setOption, 3],
  [COMMAND.fetch, 9],
  [COMMAND.resetConnection, 1],
]);

/** Commands with a body of at least this length. */
const LEAST_BYTES = new Map<number, number>([
  [COMMAND.initDb, 2],
  [COMMAND.query, 2],
  [COMMAND.fieldList, 2],
  [COMMAND.changeUser, 4],
  [COMMAND.prepare, 2],
  [COMMAND.execute, 10],
  [COMMAND.sendLongData, 7],
  [COMMAND.bulkExecute, 7],
  [COMMAND.binlogDump, 11],
  [COMMAND.binlogDumpGtid, 15],
  [COMMAND.registerSlave, 18],
]);

/** Commands that hold names only: a longer one would swallow what follows, a login perhaps. */
const MOST_BYTES = new Map<number, number>([
  [COMMAND.initDb, 1024],
  [COMMAND.fieldList, 2048],
  [COMMAND.binlogDump, 1024],
  [COMMAND.registerSlave, 1024],
  [COMMAND.changeUser, 128 * 1024],
]);

/** Command messages from `start` to the end of the segment; the last may be cut by it. */
export function isCommandStart(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (!isCommandHeader(bytes, at, end)) return at > start && end - at <= HEADER_BYTES;
    at += HEADER_BYTES + bytes.readUIntLE(at, 3);
  }
  return true;
}

/** One command message: its header, its command byte and a fitting length. */
function isCommandHeader(bytes: Buffer, start: number, end: number): boolean {
  if (end - start <= HEADER_BYTES) return false;
  const length = bytes.readUIntLE(start, 3);
  const command = bytes[start + HEADER_BYTES]!;
  if (bytes[start + 3] !== 0 || length === 0 || COMMAND_NAME[command] === '') return false;
  const fixed = FIXED_BYTES.get(command);
  if (fixed !== undefined) return length === fixed;
  const least = LEAST_BYTES.get(command);
  if (least === undefined || length < least || length > (MOST_BYTES.get(command) ?? length)) return false;
  const isText = command === COMMAND.query || command === COMMAND.prepare;
  return !isText || looksLikeText(bytes, start + HEADER_BYTES + 1, Math.min(start + HEADER_BYTES + length, end));
}

/** SQL begins with a printable character or white space; with query attributes in front, with a small count and a 1. */
function looksLikeText(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start];
  if (first === undefined || start >= end) return true;
  if (first < 0x20 && start + 1 < end && bytes[start + 1] === 1) return true;
  return (first >= 0x20 && first !== 0x7f) || (first >= 9 && first <= 13);
}

/** The server's greeting at `start`. */
export function isGreetingStart(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < HEADER_BYTES + 20 || bytes[start + 3] !== 0) return false;
  const length = bytes.readUIntLE(start, 3);
  if (start + HEADER_BYTES + length !== end) return false;
  return bytes[start + HEADER_BYTES] === 10 && readGreeting(reader.reset(bytes, start + HEADER_BYTES, end)) !== null;
}

/** A login or SSLRequest at `start`. */
export function isLoginStart(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < HEADER_BYTES + 32 || bytes[start + 3] !== 1) return false;
  const length = bytes.readUIntLE(start, 3);
  if (start + HEADER_BYTES + length !== end) return false;
  for (let i = start + HEADER_BYTES + 9; i < start + HEADER_BYTES + 28; i++) if (bytes[i] !== 0) return false;
  return readHandshakeResponse(reader.reset(bytes, start + HEADER_BYTES, end)) !== null;
}

/** The first packet of a response whose sequence id is known, at `start`. */
export function isResponseStart(bytes: Buffer, start: number, end: number, sequenceId: number): boolean {
  return end - start > HEADER_BYTES && bytes[start + 3] === sequenceId && bytes.readUIntLE(start, 3) > 0;
}

/** TLS records from `start` to the end of the segment; the last may be cut by it. A lone cut one that may be a command is none. */
export function isTlsStart(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (!isTlsRecord(bytes, at, end)) return false;
    at += TLS_HEADER_BYTES + bytes.readUInt16BE(at + 3);
  }
  return at === end || !isCommandHeader(bytes, start, end);
}

const TLS_HEADER_BYTES = 5;

/** Type 20 to 23, version 3.1 to 3.4, a length within the standard's bound (RFC 8446 5.1). */
function isTlsRecord(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < TLS_HEADER_BYTES) return false;
  const type = bytes[start]!;
  const minor = bytes[start + 2]!;
  const isVersion = bytes[start + 1] === 3 && minor >= 1 && minor <= 4;
  return type >= 20 && type <= 23 && isVersion && bytes.readUInt16BE(start + 3) <= 0x4100;
}
