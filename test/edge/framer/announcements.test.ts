import { expect, it } from 'vitest';
import { Announcements } from '../../../edge/framer/announcements.ts';
import type { Connection } from '../../../edge/tcp/connection.ts';
import { CONNECTION_BYTES } from '../../../schemas/message-batch.ts';
import { connectionPayload } from '../../support/connection-payload.ts';

const SERVER = Uint32Array.of(0, 0, 0xffff, 0x0a000001);

function connection(number: number): Connection {
  const clientAddress = Uint32Array.of(number, 0, 1, number * 7);
  return { clientAddress, clientPort: number, serverAddress: SERVER, serverPort: 3306, sawSyn: true } as Connection;
}

function uid(number: number): Uint8Array {
  return new Uint8Array(16).fill(number);
}

function payload(number: number): Uint8Array {
  const { clientAddress } = connection(number);
  return new Uint8Array(connectionPayload(uid(number), clientAddress, number, SERVER, 3306).buffer);
}

it('has the announcement of each of many open connections, in the place of closed ones too', () => {
  const announcements = new Announcements();
  const at = new Map<number, number>();
  for (let number = 0; number < 250; number++) {
    at.set(number, announcements.add(uid(number), connection(number)));
    if (number % 3 !== 0) continue;
    announcements.remove(at.get(number)!);
    at.delete(number);
  }
  for (const [number, start] of at) {
    expect(new Uint8Array(announcements.view.buffer, start, CONNECTION_BYTES)).toEqual(payload(number));
    expect(announcements.uid(start)).toEqual(uid(number));
  }
  expect(announcements.view.byteLength).toBe(256 * CONNECTION_BYTES);
});
