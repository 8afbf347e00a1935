import { Framer } from '../../edge/framer/framer.ts';
import { MessageShipper } from '../../edge/framer/message-shipper.ts';
import type { Connection } from '../../edge/tcp/connection.ts';
import { Decode } from '../../processors/decode/decode.ts';
import { Mask } from '../../processors/mask/mask.ts';
import { AuditEvent } from '../../schemas/audit-event.ts';
import { auditJson } from '../../schemas/audit-json.ts';
import type { AuditRow } from '../../schemas/audit-schema.ts';
import { Loss } from '../../schemas/loss.ts';

/** What a conversation's next bytes are: hex (spaces ignored), or bytes. */
type Bytes = string | Buffer;

/**
 * A client and a server talking over one connection, framed and decoded without TCP below. Each call of `client` or `server`
 * is one segment, 1 ms after the one before.
 */
export class Conversation {
  readonly batches: Buffer[] = [];
  private readonly framer: Framer;
  private readonly shipper: MessageShipper;
  private readonly connection: Connection;
  private timeUs = 1_000_000;

  constructor(options: { sawSyn?: boolean; clientPort?: number } = {}) {
    this.shipper = new MessageShipper({ edgeId: '', runUs: 0, serverId: 'db1' }, 1, 256 * 1024, (_partition, batch) =>
      this.batches.push(batch),
    );
    this.framer = new Framer('db1', this.shipper);
    this.connection = fakeConnection(options.sawSyn ?? true, options.clientPort ?? 40_000);
    this.framer.onOpen(this.connection);
  }

  client(...parts: Bytes[]): this {
    return this.send(true, parts);
  }

  server(...parts: Bytes[]): this {
    return this.send(false, parts);
  }

  gap(fromClient: boolean, bytes: number): this {
    this.framer.onGap(this.connection, fromClient, bytes, this.timeUs);
    return this;
  }

  /** Greeting, login as app on shop, OK. */
  login(capabilities = DEFAULT_CAPABILITIES): this {
    return this.server(greeting(capabilities))
      .client(loginPacket(capabilities))
      .server(packet(2, '00 00 00 0200 0000'));
  }

  /** The messages since the last call, as batches; the connection stays open. */
  taken(): Buffer[] {
    this.shipper.flush();
    return this.batches.splice(0);
  }

  /** Ends the connection; the messages so far, as batches. */
  end(): Buffer[] {
    this.framer.onClose(this.connection, 'fin', this.timeUs);
    this.shipper.flush();
    return this.batches;
  }

  /** Ends the connection; what decode and mask make of it, logins left out. */
  outputs(): (AuditEvent | Loss)[] {
    return decodeAll(this.end());
  }

  events(): AuditRow[] {
    return rows(this.outputs()).filter((row) => row.command !== 'connect');
  }

  private send(fromClient: boolean, parts: Bytes[]): this {
    const bytes = Buffer.concat(parts.map(toBytes));
    this.timeUs += 1_000;
    this.framer.onData(this.connection, fromClient, bytes, 0, bytes.length, this.timeUs);
    return this;
  }
}

/** CLIENT_PROTOCOL_41, CONNECT_WITH_DB, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH, DEPRECATE_EOF, MULTI_*. */
export const DEFAULT_CAPABILITIES = 0x010b_a20d | 0x2_0000;
export const WITHOUT_DEPRECATE_EOF = DEFAULT_CAPABILITIES & ~0x100_0000;

/** A MySQL packet of a payload. */
export function packet(sequenceId: number, ...parts: Bytes[]): Buffer {
  const payload = Buffer.concat(parts.map(toBytes));
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequenceId & 0xff;
  return Buffer.concat([header, payload]);
}

export function query(sql: string): Buffer {
  return packet(0, '03', Buffer.from(sql));
}

/** Greeting of MySQL 8.0.36, thread 7. */
export function greeting(capabilities: number): Buffer {
  const caps = Buffer.alloc(4);
  caps.writeUInt32LE(capabilities >>> 0);
  const low = caps.subarray(0, 2);
  const high = caps.subarray(2);
  const version = Buffer.from('8.0.36\0');
  return packet(
    0,
    '0a',
    version,
    '07000000',
    '6162636465666768 00',
    low,
    '2d 0200',
    high,
    '15',
    '00'.repeat(10),
    Buffer.from('ijklmnopqrst\0mysql_native_password\0'),
  );
}

export function loginPacket(capabilities: number, user = 'app', database = 'shop'): Buffer {
  const caps = Buffer.alloc(4);
  caps.writeUInt32LE(capabilities >>> 0);
  return packet(
    1,
    caps,
    '00000001 2d',
    '00'.repeat(23),
    Buffer.from(`${user}\0`),
    '14',
    Buffer.alloc(20, 0x5a),
    Buffer.from(`${database}\0mysql_native_password\0`),
  );
}

/** A column definition, and a result of one column whose rows hold the given texts; sequence ids from 1. */
export const COLUMN = '03646566 00 00 00 0161 00 0c 2d00 ff000000 fd 0000 00 0000';
export function result(...texts: string[]): Buffer {
  const rowsOf = texts.map((text, i) => packet(3 + i, Buffer.from([text.length]), Buffer.from(text)));
  return Buffer.concat([packet(1, '01'), packet(2, COLUMN), ...rowsOf, packet(3 + texts.length, 'fe 00 00 0200 0000')]);
}

/** Its cache is all that it remembers. */
const mask = new Mask();

export function decodeAll(batches: readonly Buffer[], decode = new Decode({ keepsRaw: true })): (AuditEvent | Loss)[] {
  const outputs: (AuditEvent | Loss)[] = [];
  for (const batch of batches)
    decode.step(batch, (output) => {
      if (output instanceof AuditEvent) mask.apply(output);
      outputs.push(output);
    });
  return outputs;
}

export function rows(outputs: readonly (AuditEvent | Loss)[]): AuditRow[] {
  return outputs.filter((output) => output instanceof AuditEvent).map((event) => auditJson(event, true));
}

export function losses(outputs: readonly (AuditEvent | Loss)[]): Loss[] {
  return outputs.filter((output) => output instanceof Loss);
}

function toBytes(part: Bytes): Buffer {
  return typeof part === 'string' ? Buffer.from(part.replace(/\s+/g, ''), 'hex') : part;
}

function fakeConnection(sawSyn: boolean, clientPort: number): Connection {
  return {
    clientAddress: Uint32Array.of(0, 0, 0xffff, 0x0a000001),
    clientPort,
    serverAddress: Uint32Array.of(0, 0, 0xffff, 0x0a000002),
    serverPort: 3306,
    openedUs: 1_000_000,
    openedSeq: 1000,
    sawSyn,
    session: null,
  } as Connection;
}
