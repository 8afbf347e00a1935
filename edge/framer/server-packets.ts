// Hot path
import { FRAGMENT_BYTES } from '../../schemas/message-batch.ts';
import type { HalfStream } from './half-stream.ts';
import { HEADER_BYTES, LONGEST_PACKET, readHeader } from './packet-header.ts';
import type { ServerMessages } from './server-messages.ts';
import { ServerPacket } from './server-packet.ts';
import { DOUBT, type Session } from './session.ts';
import { findServerStart } from './stream-start.ts';

/** Cuts a server's bytes into packets. Of a packet over several segments only what ends a result is kept. */
export class ServerPackets {
  private readonly messages: ServerMessages;
  private readonly packet = new ServerPacket();

  constructor(messages: ServerMessages) {
    this.messages = messages;
  }

  data(session: Session, bytes: Buffer, start: number, end: number, timeUs: number): void {
    const half = session.server;
    let at = start;
    if (!half.isSynced) {
      if (!findServerStart(session, bytes, start, end)) {
        session.passOverServer(end - start);
        return;
      }
      // What was passed over may have answered the oldest of several.
      if (session.hasIgnoredResponse && session.pending.count > 1) session.doubt = DOUBT.fresh;
      session.hasIgnoredResponse = false;
      session.serverIsLost = false;
    }
    while (at < end) {
      if (half.headerBytes < HEADER_BYTES) {
        at = readHeader(half, bytes, at, end, timeUs);
        if (half.headerBytes < HEADER_BYTES) return;
        const stop = at + half.packetBytes;
        if (stop <= end && half.packets === 1 && half.packetBytes < LONGEST_PACKET) {
          half.headerBytes = 0;
          half.packets = 0;
          const first = half.packetBytes === 0 ? -1 : bytes[at]!;
          this.messages.packet(session, this.packet.set(bytes, at, stop, first, half.packetBytes, timeUs));
          at = stop;
          continue;
        }
      }
      at = this.packetPart(session, half, bytes, at, end, timeUs);
    }
  }

  /** A packet over several segments: what it is shows at its first byte; only what ends a result is kept. */
  private packetPart(
    session: Session,
    half: HalfStream,
    bytes: Buffer,
    at: number,
    end: number,
    timeUs: number,
  ): number {
    if (half.messageBytes === 0 && !half.isContinuation && half.remaining > 0) {
      if (at === end) return end;
      half.firstByte = bytes[at]!;
      half.isSkipping = !this.messages.wants(session, half.firstByte, half.packetBytes);
    }
    const stop = Math.min(end, at + half.remaining);
    if (!half.isSkipping && half.keptBytes < FRAGMENT_BYTES)
      half.keep(bytes, at, Math.min(stop, at + FRAGMENT_BYTES - half.keptBytes));
    half.messageBytes += stop - at;
    half.remaining -= stop - at;
    if (half.remaining === 0) {
      half.headerBytes = 0;
      if (half.packetBytes === LONGEST_PACKET) half.isContinuation = true;
      else {
        const first = half.messageBytes === 0 ? -1 : half.firstByte;
        const { packet } = this;
        packet.set(half.kept ?? NOTHING, 0, half.keptBytes, first, half.messageBytes, timeUs);
        this.messages.packet(session, packet);
        half.endMessage();
      }
    }
    return stop;
  }

  /** Bytes of the server were lost; `isWithin`: all of them belong to the packet in hand. */
  gap(session: Session, isWithin: boolean, missingBytes: number, timeUs: number): void {
    const half = session.server;
    session.responseHasGap = session.pending.count > 0;
    if (isWithin && half.isSkipping && half.messageBytes > 0) {
      half.messageBytes += missingBytes;
      half.remaining -= missingBytes;
      if (half.remaining === 0) this.packetPart(session, half, NOTHING, 0, 0, timeUs);
      return;
    }
    this.gapBetween(session);
    half.loseSync();
  }

  /** Bytes of the server were lost while the place in its stream was not known. */
  gapBetween(session: Session): void {
    session.serverIsLost = true;
    session.responseHasGap = session.pending.count > 0;
    session.responseIsLost = session.pending.count > 0;
  }
}

const NOTHING = Buffer.alloc(0);
