// Hot path
import { createHash } from 'node:crypto';
import { FRAGMENT_BYTES, MESSAGE_FLAG } from '../../schemas/message-batch.ts';
import { type ClientMessages, COMMAND_LIMIT_BYTES } from './client-messages.ts';
import type { HalfStream } from './half-stream.ts';
import type { MessageShipper } from './message-shipper.ts';
import { HEADER_BYTES, LONGEST_PACKET, readHeader } from './packet-header.ts';
import { readProxyHeader } from './proxy-header.ts';
import { DOUBT, EXPECT, PHASE, type Session } from './session.ts';
import { findClientStart } from './stream-start.ts';

/** Cuts a client's bytes into messages. A message within one segment is handed on without a copy. */
export class ClientPackets {
  private readonly messages: ClientMessages;
  private readonly shipper: MessageShipper;

  constructor(messages: ClientMessages, shipper: MessageShipper) {
    this.messages = messages;
    this.shipper = shipper;
  }

  data(session: Session, bytes: Buffer, start: number, end: number, timeUs: number): void {
    const half = session.client;
    let at = start;
    if (session.mayBeProxied) {
      at = this.skipProxyHeader(session, bytes, start, end, timeUs);
      if (at === end) return;
    }
    if (!half.isSynced && this.joinLoneHeader(session, half, bytes, at, end, timeUs)) return;
    if (!half.isSynced || session.phase === PHASE.start) {
      if (!findClientStart(session, this.shipper, bytes, at, end, timeUs)) {
        session.passOverClient(end - at);
        return;
      }
    }
    while (at < end) {
      if (half.headerBytes < HEADER_BYTES) {
        at = readHeader(half, bytes, at, end, timeUs);
        if (half.headerBytes < HEADER_BYTES) return;
        if (!half.isContinuation) half.isSkipping = !this.messages.wants(session, half.sequenceId);
        const stop = at + half.packetBytes;
        if (stop <= end && !half.isSkipping && half.packets === 1 && half.packetBytes <= FRAGMENT_BYTES) {
          half.headerBytes = 0;
          half.packets = 0;
          this.messages.message(session, bytes, at, stop, half.packetBytes, 0);
          at = stop;
        } else at = this.packetPart(session, half, bytes, at, end, timeUs);
      } else at = this.packetPart(session, half, bytes, at, end, timeUs);
      if (session.phase >= PHASE.unknown || !half.isSynced) {
        // It went TLS, or turned out not to be MySQL.
        session.unreadableBytes += end - at;
        return;
      }
    }
  }

  /** Steps over the header of a proxy in front, which may come in pieces; returns where the client's own bytes begin. */
  private skipProxyHeader(session: Session, bytes: Buffer, start: number, end: number, timeUs: number): number {
    const half = session.client;
    const before = half.keptBytes;
    half.keep(bytes, start, end);
    const header = readProxyHeader(half.kept!, 0, half.keptBytes);
    if (header === 'more' && half.keptBytes < FRAGMENT_BYTES) return end;
    half.endMessage();
    session.mayBeProxied = false;
    if (header === 'none' || header === 'more') {
      session.unreadableBytes += before;
      return start;
    }
    if (header.address !== null) this.shipper.proxied(session, timeUs, header.address, header.port);
    return start + header.bytes - before;
  }

  /**
   * Some clients write a header and its payload apart. Where the place in the stream is not known, four bytes alone are kept and
   * judged together with what follows. @returns true when these bytes are dealt with.
   */
  private joinLoneHeader(
    session: Session,
    half: HalfStream,
    bytes: Buffer,
    start: number,
    end: number,
    timeUs: number,
  ): boolean {
    if (half.keptBytes === 0) {
      if (end - start !== HEADER_BYTES || bytes[start + 3] !== 0) return false;
      half.keep(bytes, start, end);
      return true;
    }
    const joined = Buffer.concat([half.kept!.subarray(0, half.keptBytes), bytes.subarray(start, end)]);
    half.endMessage();
    this.data(session, joined, 0, joined.length, timeUs);
    return true;
  }

  private packetPart(
    session: Session,
    half: HalfStream,
    bytes: Buffer,
    at: number,
    end: number,
    timeUs: number,
  ): number {
    const stop = Math.min(end, at + half.remaining);
    this.keepCommand(session, half, bytes, at, stop);
    half.remaining -= stop - at;
    if (half.remaining === 0) {
      if (!half.isContinuation) half.commandUs = timeUs;
      this.endPacket(session, half);
    }
    return stop;
  }

  /** Keeps bytes of a command; those that fill a fragment are shipped at once, so that a long command needs no memory. */
  private keepCommand(session: Session, half: HalfStream, bytes: Buffer, start: number, end: number): void {
    let at = start;
    if (!half.isSkipping && !half.hasGap) {
      const stop = Math.min(end, at + COMMAND_LIMIT_BYTES - half.messageBytes);
      while (at < stop) {
        const taken = Math.min(stop, at + FRAGMENT_BYTES - half.keptBytes);
        half.keep(bytes, at, taken);
        at = taken;
        if (half.keptBytes === FRAGMENT_BYTES) {
          // Hashed from the first fragment on, as the command may turn out to be longer than what is shipped of it.
          const from = session.commandHash === null ? COMMAND_BYTE : 0;
          session.commandHash ??= createHash('sha256');
          session.commandHash.update(half.kept!.subarray(from, half.keptBytes));
          this.messages.fragment(session, half.kept!, 0, half.keptBytes);
          half.keptBytes = 0;
        }
      }
      if (at < end) session.commandHash?.update(bytes.subarray(at, end));
    }
    half.messageBytes += end - start;
  }

  private endPacket(session: Session, half: HalfStream): void {
    half.headerBytes = 0;
    if (half.packetBytes === LONGEST_PACKET) {
      half.isContinuation = true;
      return;
    }
    const length = half.messageBytes;
    if (half.isSkipping) this.messages.skipped(session, length);
    else if (half.hasGap || length <= COMMAND_LIMIT_BYTES || session.commandHash === null) {
      this.messages.message(
        session,
        half.kept ?? NOTHING,
        0,
        half.keptBytes,
        length,
        half.hasGap ? MESSAGE_FLAG.gap : 0,
      );
    } else {
      const hash = session.commandHash.digest();
      this.messages.message(session, hash, 0, hash.length, length, MESSAGE_FLAG.truncated);
    }
    session.commandHash = null;
    half.endMessage();
  }

  /** Whether so many bytes that are missing are all of one message whose command is known, or of a file that the server asked for. */
  isWithin(session: Session, missingBytes: number): boolean {
    const half = session.client;
    if (session.phase !== PHASE.command || session.isMidstream || !half.isSynced) return false;
    if (half.headerBytes < HEADER_BYTES || missingBytes > half.remaining) return false;
    return half.isSkipping ? session.expect === EXPECT.infile : half.messageBytes > 0;
  }

  /** Bytes of the client were lost; `isWithin`: all of them belong to the packet in hand. */
  gap(session: Session, isWithin: boolean, missingBytes: number): void {
    const half = session.client;
    // Bytes of a file count for the command that asked for it.
    if (session.expect === EXPECT.infile) session.responseHasGap = true;
    if (isWithin && (half.isSkipping || half.messageBytes > 0)) {
      half.hasGap = true;
      half.messageBytes += missingBytes;
      half.remaining -= missingBytes;
      if (half.remaining === 0) {
        this.endPacket(session, half);
        missAnswer(session);
      }
      return;
    }
    this.endPartial(session);
    missAnswer(session);
    session.doubt = DOUBT.fresh;
    half.loseSync();
  }

  /** Ships what came of a command whose rest was lost. */
  endPartial(session: Session): void {
    const half = session.client;
    if (half.headerBytes < HEADER_BYTES && !half.isContinuation) return;
    if (half.isSkipping || half.messageBytes === 0) return;
    if (session.phase !== PHASE.command) {
      session.unreadableBytes += half.keptBytes;
      return;
    }
    const length = half.messageBytes + half.remaining;
    this.messages.message(session, half.kept ?? NOTHING, 0, half.keptBytes, length, MESSAGE_FLAG.gap);
    session.commandHash = null;
    half.endMessage();
  }
}

/** A request ended in lost bytes: where bytes of the server were lost before, its answer may be among them, and is not looked for. */
function missAnswer(session: Session): void {
  if (session.serverIsLost && session.pending.count > 0) session.responseIsLost = true;
}

const COMMAND_BYTE = 1;
const NOTHING = Buffer.alloc(0);
