import { Framer } from '../../../edge/framer/framer.ts';
import { MessageShipper } from '../../../edge/framer/message-shipper.ts';
import type { Connection } from '../../../edge/tcp/connection.ts';
import { DEFAULT_CAPABILITIES, greeting, loginPacket, packet, query, result } from '../../support/conversation.ts';

const CONNECTIONS = 8;
const START_US = 1_767_225_600_000_000;
/** Longer than what a state holds itself. */
const LONG_TEXT = `SELECT ${'a + '.repeat(20_000)}?`;

/**
 * Records for each partition: eight connections that log in, prepare, execute, query, lose bytes and end, or are left open when
 * their edge starts anew; a record between is garbage, of a future version or cut. The same each time.
 */
export function madeMessages(partitions: number): Buffer[][] {
  const records: Buffer[][] = Array.from({ length: partitions }, () => []);
  for (const run of [1, 2]) {
    const origin = { edgeId: 'edge-a', runUs: START_US + run, serverId: 'db1' };
    const shipper = new MessageShipper(origin, partitions, 256 * 1024, (partition, batch) => {
      records[partition]!.push(Buffer.from(batch));
      if (records[partition]!.length % 9 === 4) records[partition]!.push(poison(records[partition]!.length, batch));
    });
    const framer = new Framer('db1', shipper);
    const clients = Array.from({ length: CONNECTIONS }, (_, i) => new Client(framer, run * 100 + i));
    for (let step = 0; step < 14; step++) {
      for (const client of clients) client.step(step);
      shipper.flush();
    }
  }
  return records;
}

function poison(turn: number, batch: Buffer): Buffer {
  if (turn % 3 === 0) return Buffer.from('no batch at all');
  if (turn % 3 === 1) return Buffer.concat([Buffer.from('SQT2'), batch.subarray(4)]);
  return batch.subarray(0, batch.length - 5);
}

class Client {
  private readonly framer: Framer;
  private readonly connection: Connection;
  private readonly number: number;
  private timeUs: number;

  constructor(framer: Framer, number: number) {
    this.framer = framer;
    this.number = number;
    this.timeUs = START_US + number * 7_000_000;
    this.connection = {
      clientAddress: Uint32Array.of(0, 0, 0xffff, 0x0a000001),
      clientPort: 40_000 + number,
      serverAddress: Uint32Array.of(0, 0, 0xffff, 0x0a000002),
      serverPort: 3306,
      openedUs: this.timeUs,
      openedSeq: 1000,
      sawSyn: true,
      session: null,
    } as Connection;
    framer.onOpen(this.connection);
  }

  step(step: number): void {
    const { number } = this;
    if (step === 0) this.server(greeting(DEFAULT_CAPABILITIES));
    else if (step === 1) this.client(loginPacket(DEFAULT_CAPABILITIES, `user${number % 3}`));
    else if (step === 2) this.server(packet(2, '00 00 00 0200 0000'));
    else if (step === 3) for (let id = 1; id <= (number % 4 === 0 ? 20 : 2); id++) this.prepare(id);
    else if (step === 13) this.last();
    else if (step % 3 === 0) this.client(packet(0, '17 01000000 00 01000000'));
    else if (step % 3 === 1) {
      this.server(result('x', String(step)));
      this.client(packet(0, '17 02000000 00 01000000'));
      this.server(result('y'));
    } else {
      if (step === 8 && number % 5 === 1) this.framer.onGap(this.connection, false, 40, this.timeUs);
      this.client(query(`SELECT name FROM t WHERE id = ${number * 100 + step}`));
      this.server(result(String(step)));
    }
  }

  private prepare(id: number): void {
    const text = id === 2 && this.number % 4 === 1 ? LONG_TEXT : `SELECT c${id} FROM t${this.number} WHERE id = 1`;
    this.client(packet(0, '16', Buffer.from(text)));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(id);
    this.server(packet(1, '00', head, '0000 0000 00 0000'));
  }

  /** A third ends, a third waits for an answer, a third just is. */
  private last(): void {
    if (this.number % 3 === 0) this.framer.onClose(this.connection, 'fin', this.timeUs);
    else if (this.number % 3 === 1) this.client(query('UPDATE t SET a = 1'));
  }

  private client(bytes: Buffer): void {
    this.data(true, bytes);
  }

  private server(bytes: Buffer): void {
    this.data(false, bytes);
  }

  private data(fromClient: boolean, bytes: Buffer): void {
    this.timeUs += 11_000_000;
    this.framer.onData(this.connection, fromClient, bytes, 0, bytes.length, this.timeUs);
  }
}
