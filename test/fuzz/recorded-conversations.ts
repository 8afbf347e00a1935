import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PacketDecoder } from '../../edge/packet/packet-decoder.ts';
import { CaptureReader } from '../../edge/sources/capture-reader.ts';
import type { Connection } from '../../edge/tcp/connection.ts';
import { DEFAULT_FLOW_LIMITS } from '../../edge/tcp/flow-limits.ts';
import { FlowTable } from '../../edge/tcp/flow-table.ts';
import type { StreamHandler } from '../../edge/tcp/stream-handler.ts';
import { ByteReader } from '../../protocol/byte-reader.ts';
import { readGreeting } from '../../protocol/messages/greeting.ts';
import { readHandshakeResponse } from '../../protocol/messages/handshake-response.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { SeedConversation, SeedMessage } from './seed-conversation.ts';

const SHOP = join(import.meta.dirname, '../../demo/shop.pcap');
const MORE = join(import.meta.dirname, '../../../shared/captures');
const LARGEST_CAPTURE_BYTES = 512 * 1024;
const LARGEST_MESSAGE_BYTES = 4096;
const PORTS = [3306, 3307, 3308, 33060, 4000, 5432];

/** Files whose packets fuzz cases are made of: the recorded shop and, where they exist, further captures. */
export function seedCaptures(): string[] {
  const more = existsSync(MORE) ? readdirSync(MORE).filter((file) => /\.pcap(ng)?$/.test(file)) : [];
  return [SHOP, ...more.map((file) => join(MORE, file)).filter((file) => statSync(file).size <= LARGEST_CAPTURE_BYTES)];
}

/** The conversations of a capture as reassembled; messages that are very long are cut short. */
export function recordedConversations(path: string): SeedConversation[] {
  const recorder = new Recorder();
  const packets = new PacketDecoder(new FlowTable({ ports: PORTS, handler: recorder, limits: DEFAULT_FLOW_LIMITS }));
  let lastUs = 0;
  const reader = new CaptureReader(path, (bytes, start, end, original, timeUs, linkType) => {
    lastUs = timeUs;
    packets.packet(bytes, start, end, original, timeUs, linkType);
  });
  try {
    reader.push(readFileSync(path));
  } catch (error) {
    // What came before the damage is as good as any other seed.
    if (!(error instanceof SqltrailError)) throw error;
  }
  packets.end(lastUs);
  return recorder.conversations.filter(({ messages }) => messages.length > 1).map((recorded) => seedOf(path, recorded));
}

interface Recorded {
  readonly sawSyn: boolean;
  readonly messages: SeedMessage[];
}

class Recorder implements StreamHandler {
  readonly conversations: Recorded[] = [];

  onOpen(connection: Connection): void {
    const recorded: Recorded = { sawSyn: connection.sawSyn, messages: [] };
    this.conversations.push(recorded);
    connection.session = recorded;
  }

  onData(connection: Connection, fromClient: boolean, bytes: Buffer, start: number, end: number): void {
    const stop = Math.min(end, start + LARGEST_MESSAGE_BYTES);
    (connection.session as Recorded).messages.push({ fromClient, bytes: Buffer.from(bytes.subarray(start, stop)) });
  }

  onGap(): void {}
  onClose(): void {}
}

function seedOf(path: string, { sawSyn, messages }: Recorded): SeedConversation {
  const isLogin = sawSyn && messages[0]!.fromClient === false;
  const clientSecrets: Buffer[] = [];
  const serverSecrets: Buffer[] = [];
  if (isLogin && messages.length > 1) {
    const [greeting, login] = [messages[0]!.bytes, messages[1]!.bytes];
    const spans = [...(readGreeting(new ByteReader().reset(greeting, 4, greeting.length))?.scrambleSpans ?? [])];
    for (const [start, end] of spans) serverSecrets.push(greeting.subarray(start, Math.min(end, start + 8)));
    const read = readHandshakeResponse(new ByteReader().reset(login, 4, login.length));
    if (read !== null) clientSecrets.push(login.subarray(read.authStart, read.authEnd));
  }
  const isTelling = (secret: Buffer) => secret.length >= 8 && new Set(secret).size > 4;
  return {
    name: path,
    sawSyn,
    loginMessages: isLogin ? 3 : 0,
    messages,
    clientSecrets: clientSecrets.filter(isTelling),
    serverSecrets: serverSecrets.filter(isTelling),
  };
}
