import type { ConnectionFacts } from '../../schemas/audit-event.ts';

/**
 * What a batch announces of a connection. A server without a name is called by its address and port.
 * @param start Of a CONNECTION_BYTES payload (`schemas/message-batch.ts`).
 */
export function connectionFacts(uid: string, serverId: string, bytes: Buffer, start: number): ConnectionFacts {
  const serverAddress = addressText(bytes, start + 32);
  const serverPort = bytes.readUInt16LE(start + 50);
  return {
    uid,
    serverId:
      serverId || (serverAddress.includes(':') ? `[${serverAddress}]:${serverPort}` : `${serverAddress}:${serverPort}`),
    clientAddress: addressText(bytes, start + 16),
    clientPort: bytes.readUInt16LE(start + 48),
    serverAddress,
    serverPort,
  };
}

/** The connection as a proxy in front names it. @param start Of a PROXIED_BYTES payload. */
export function proxiedFacts(facts: ConnectionFacts, bytes: Buffer, start: number): ConnectionFacts {
  return { ...facts, clientAddress: addressText(bytes, start), clientPort: bytes.readUInt16LE(start + 16) };
}

/** 16 bytes as text: dotted for ::ffff:a.b.c.d, else as RFC 5952 says. */
function addressText(bytes: Buffer, start: number): string {
  const isV4 =
    bytes.readUInt32BE(start) === 0 && bytes.readUInt32BE(start + 4) === 0 && bytes.readUInt32BE(start + 8) === 0xffff;
  if (isV4) return `${bytes[start + 12]}.${bytes[start + 13]}.${bytes[start + 14]}.${bytes[start + 15]}`;
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push(bytes.readUInt16BE(start + i * 2));
  const [from, length] = longestZeros(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, from))}::${hex(groups.slice(from + length))}`;
}

/** The first longest run of zero groups: start and length. */
function longestZeros(groups: number[]): [from: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - i > best[1]) best = [i, end - i];
    if (end > i) i = end;
  }
  return best;
}
