import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const CAPABILITIES =
  0x1 | 0x4 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x10000 | 0x20000 | 0x40000 | 0x80000 | 0x100000 | 0x200000;
const PING = Buffer.from([14]);

export interface RawLogin {
  readonly host: string;
  readonly port: number;
  /** An account without a password. */
  readonly user: string;
  readonly database?: string;
  /** Sent as it is: anything but nothing is refused. */
  readonly password?: string;
}

/** A connection that sends any command of the protocol, byte by byte, and waits until the server is done with it. */
export class RawMysql {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  /** Packets with the sequence id 1: each begins the response to a command. */
  #responses = 0;
  #sent = 0;
  /** Payload of the packet that came last. */
  last: Buffer = Buffer.alloc(0);
  #packets = 0;
  #heard: () => void = () => {};
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isClosed = true;
      this.#heard();
    });
  }

  /** @throws Error with the server's words where the login is refused. */
  static async connect(login: RawLogin): Promise<RawMysql> {
    const socket = connect(login.port, login.host);
    const client = new RawMysql(socket);
    await client.#until(() => client.#packets === 1);
    client.#write(loginPayload(login), 1);
    await client.#until(() => client.#packets === 2 || client.#isClosed);
    while (client.last[0] === 0xfe) {
      const packets = client.#packets;
      client.#write(Buffer.alloc(0), 3);
      await client.#until(() => client.#packets > packets || client.#isClosed);
    }
    client.#responses = 0;
    if (client.last[0] === 0xff) {
      socket.destroy();
      throw new Error(client.last.toString('latin1', 9));
    }
    return client;
  }

  /**
   * Sends a command and a ping behind it: resolves when the ping is answered, so that all of the command is done.
   * @param hasResponse False for the commands that the server never answers.
   */
  async command(payload: Buffer, hasResponse = true): Promise<Buffer> {
    this.#sent += hasResponse ? 1 : 0;
    this.#write(payload, 0);
    if (hasResponse) await this.#until(() => this.#responses >= this.#sent);
    const { last } = this;
    this.#sent++;
    this.#write(PING, 0);
    await this.#until(() => this.#responses >= this.#sent);
    return last;
  }

  query(sql: string): Promise<Buffer> {
    return this.command(Buffer.concat([Buffer.from([3]), Buffer.from(sql)]));
  }

  /** @returns The statement's id. */
  async prepare(sql: string): Promise<number> {
    this.#first = null;
    await this.command(Buffer.concat([Buffer.from([22]), Buffer.from(sql)]));
    return (this.#first as Buffer | null)?.readUInt32LE(1) ?? 0;
  }

  /** COM_QUIT; resolves when the server has closed. */
  async quit(): Promise<void> {
    this.#write(Buffer.from([1]), 0);
    if (!this.#isClosed) await once(this.#socket, 'close');
  }

  /** The first packet of the response that came last but the ping's. */
  #first: Buffer | null = null;

  #write(payload: Buffer, sequenceId: number): void {
    const header = Buffer.alloc(4);
    header.writeUIntLE(payload.length, 0, 3);
    header[3] = sequenceId;
    this.#socket.write(Buffer.concat([header, payload]));
  }

  #take(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const length = this.#received.length >= 4 ? this.#received.readUIntLE(0, 3) : Number.POSITIVE_INFINITY;
      if (this.#received.length < 4 + length) break;
      this.last = Buffer.from(this.#received.subarray(4, 4 + length));
      if (this.#received[3] === 1) {
        this.#responses++;
        this.#first ??= this.last;
      }
      this.#packets++;
      this.#received = this.#received.subarray(4 + length);
    }
    this.#heard();
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      if (this.#isClosed) throw new Error(`The server closed the connection: ${this.last.toString('latin1')}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}

function loginPayload({ user, database, password = '' }: RawLogin): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(database === undefined ? CAPABILITIES & ~0x8 : CAPABILITIES, 0);
  head.writeUInt32LE(1 << 24, 4);
  head[8] = 45;
  return Buffer.concat([
    head,
    Buffer.from(`${user}\0`),
    Buffer.from([password.length]),
    Buffer.from(password, 'latin1'),
    Buffer.from(database === undefined ? '' : `${database}\0`),
    Buffer.from('mysql_native_password\0'),
    // No connection attributes.
    Buffer.from([0]),
  ]);
}
