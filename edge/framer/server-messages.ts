// Hot path
import { ByteReader } from '../../protocol/byte-reader.ts';
import { CAPABILITY } from '../../protocol/capabilities.ts';
import { readGreeting } from '../../protocol/messages/greeting.ts';
import { ENDING } from '../../schemas/message-batch.ts';
import type { MessageShipper } from './message-shipper.ts';
import { Responses } from './responses.ts';
import type { ServerPacket } from './server-packet.ts';
import { PHASE, type Session } from './session.ts';

const OK = 0x00;
const ERR = 0xff;

/** What a session does with the packets of its server: greeting, auth exchange, then the responses to commands. */
export class ServerMessages {
  private readonly shipper: MessageShipper;
  private readonly reader = new ByteReader();
  private readonly responses: Responses;

  constructor(shipper: MessageShipper) {
    this.shipper = shipper;
    this.responses = new Responses(shipper);
  }

  /** Whether a packet is to be kept for `packet`; of the others only first byte and length matter. */
  wants(session: Session, first: number, length: number): boolean {
    return session.phase === PHASE.command ? this.responses.wants(session, first, length) : session.phase <= PHASE.auth;
  }

  /** A whole packet. Where `wants` said no, its bytes are not there. */
  packet(session: Session, packet: ServerPacket): void {
    if (session.phase === PHASE.command) this.responses.packet(session, packet);
    else if (session.phase === PHASE.start) this.greeting(session, packet);
    else if (session.phase === PHASE.auth) this.auth(session, packet);
    else if (session.phase === PHASE.login && packet.first === ERR) this.refuse(session, packet);
  }

  private greeting(session: Session, packet: ServerPacket): void {
    const { bytes, start, end } = packet;
    if (packet.first === ERR) {
      this.refuse(session, packet);
      return;
    }
    const greeting = readGreeting(this.reader.reset(bytes, start, end));
    if (greeting === null) {
      session.phase = PHASE.foreign;
      session.ignoreServer(end - start);
      return;
    }
    session.serverCapabilities = greeting.capabilities;
    session.serverMariadbCapabilities = greeting.mariadbCapabilities;
    this.shipper.greeting(session, greeting, packet.timeUs, bytes, start, end);
    session.phase = PHASE.login;
  }

  /** The server ends the connection before or instead of a login: host blocked, too many connections. */
  private refuse(session: Session, packet: ServerPacket): void {
    const { bytes, start, end, timeUs } = packet;
    session.responseBytes = end - start;
    this.shipper.response(session, 0, 0, timeUs, ENDING.err, bytes, start, end);
    session.phase = PHASE.refused;
  }

  /** OK and ERR end the exchange; switch, more data and next factor go on and hold nothing to ship. */
  private auth(session: Session, packet: ServerPacket): void {
    const { bytes, start, end, first, timeUs } = packet;
    session.responseBytes += end - start + 4;
    if (session.firstUs === 0) session.firstUs = timeUs;
    if (first !== OK && first !== ERR) return;
    const ending = first === OK ? ENDING.ok : ENDING.err;
    this.shipper.response(session, session.loginSequence, 0, timeUs, ending, bytes, start, end);
    session.loginSequence = 0;
    session.responseBytes = 0;
    session.firstUs = 0;
    session.phase = first === OK ? PHASE.command : PHASE.refused;
    if (session.capabilities & (CAPABILITY.compress | CAPABILITY.zstdCompression)) session.beginCompression();
  }
}
