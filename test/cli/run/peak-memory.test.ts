import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { buildPcap, type CapturedPacket } from '../../support/capture-builder.ts';
import { CLI } from '../../support/cli.ts';
import { DEFAULT_CAPABILITIES, greeting, loginPacket, packet } from '../../support/conversation.ts';
import { ACK, frame, SYN } from '../../support/segment-builder.ts';

const ZLIB = DEFAULT_CAPABILITIES | 0x20;
const FRAME_PLAIN_BYTES = 0xff_ffff;
const PACKET_BYTES = 65_000;
/** What any capture must stay below; an ordinary one takes 100 to 150. */
/** Measured: up to 402 MiB, of which Node itself takes 60 to 100 as it likes. */
const LIMIT_MIB = 480;
const directory = mkdtempSync(join(tmpdir(), 'sqltrail-peak-'));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('peak memory', () => {
  it('of a capture whose frames unfold to 640 MiB of statements stays bounded', async () => {
    const connection = new Client(40_000).login(ZLIB);
    const frames = new Array<Buffer>(40).fill(compressed(statementPacket(FRAME_PLAIN_BYTES)));
    connection.send(Buffer.concat(frames));
    expect(await peakMiB('zlib', connection.packets)).toBeLessThan(LIMIT_MIB);
  });

  it('of frames of zstd, of which one packet unfolds to 1.5 GiB, stays bounded', async () => {
    const connection = new Client(40_000).login(DEFAULT_CAPABILITIES | 0x400_0000);
    connection.send(Buffer.concat(new Array<Buffer>(100).fill(zstdStatement())));
    expect(await peakMiB('zstd', connection.packets)).toBeLessThan(LIMIT_MIB);
  });

  it('of statements without an answer on many connections stays bounded', async () => {
    const long = compressed(statementPacket(FRAME_PLAIN_BYTES));
    const packets = Array.from({ length: 20 }, (_, i) => new Client(40_000 + i).login(ZLIB).send(long).packets);
    expect(await peakMiB('unanswered', packets.flat())).toBeLessThan(LIMIT_MIB);
  });

  it('of prepared statements that nobody closes stays bounded', async () => {
    const long = compressed(statementPacket(FRAME_PLAIN_BYTES, 0x16));
    const packets = Array.from({ length: 20 }, (_, i) => {
      const client = new Client(40_000 + i).login(ZLIB).send(long);
      return client.answer(compressed(packet(1, `00 ${le32(i + 1)} 0000 0000 00 0000`))).packets;
    });
    expect(await peakMiB('prepared', packets.flat())).toBeLessThan(LIMIT_MIB);
  });
});

/** Peak memory of `sqltrail run` over these packets. */
async function peakMiB(name: string, packets: readonly Buffer[]): Promise<number> {
  const path = join(directory, `${name}.pcap`);
  const captured = packets.map((bytes, i): CapturedPacket => ({ bytes, time: 1_700_000_000_000_000n + BigInt(i) }));
  writeFileSync(path, buildPcap(captured));
  const preload = fileURLToPath(new URL('../../support/peak-memory.mjs', import.meta.url));
  const args = ['--import', preload, CLI, 'run', '--read', path, '--store', 'none', '--format', 'none'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  const guard = setInterval(() => endBeyond(child, LIMIT_MIB * 2), 50);
  const ended = once(child, 'close');
  let figure = '';
  for await (const chunk of child.stdio[3] as Readable) figure += String(chunk);
  const [code] = await ended;
  clearInterval(guard);
  expect(code).toBe(0);
  return Number(figure);
}

/** A program that fails this test must not take the machine's memory with it. */
function endBeyond(child: ChildProcess, limitMiB: number): void {
  const path = `/proc/${child.pid}/status`;
  const status = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024 > limitMiB) child.kill('SIGKILL');
}

/** A connection as the packets that were captured of it. */
class Client {
  readonly packets: Buffer[] = [];
  private readonly clientPort: number;
  private clientSeq = 1_000;
  private serverSeq = 5_000;

  constructor(clientPort: number) {
    this.clientPort = clientPort;
  }

  login(capabilities: number): this {
    this.capture(true, SYN, '');
    this.clientSeq++;
    this.capture(false, SYN | ACK, '');
    this.serverSeq++;
    this.answer(greeting(capabilities)).send(loginPacket(capabilities));
    return this.answer(packet(2, '00 00 00 0200 0000'));
  }

  send(bytes: Buffer): this {
    for (let at = 0; at < bytes.length; at += PACKET_BYTES)
      this.clientSeq += this.capture(true, ACK, bytes.subarray(at, at + PACKET_BYTES));
    return this;
  }

  answer(bytes: Buffer): this {
    this.serverSeq += this.capture(false, ACK, bytes);
    return this;
  }

  private capture(fromClient: boolean, flags: number, data: Buffer | string): number {
    const [seq, ack] = fromClient ? [this.clientSeq, this.serverSeq] : [this.serverSeq, this.clientSeq];
    this.packets.push(frame({ fromClient, clientPort: this.clientPort, seq, ack, flags, data }));
    return data.length;
  }
}

/** A statement that fills a frame, with its packet's header. */
function statementPacket(bytes: number, command = 3): Buffer {
  const statement = Buffer.alloc(bytes, 'x');
  statement.writeUIntLE(bytes - 4, 0, 3);
  statement[3] = 0;
  statement[4] = command;
  statement.write("SELECT 'x", 5);
  return statement;
}

function compressed(plain: Buffer): Buffer {
  return frameOf(deflateSync(plain), plain.length);
}

/** As `statementPacket`, of one letter: a raw block of 128 KiB in front, then blocks of 4 bytes each (RFC 8878 3.1.1.2). */
function zstdStatement(): Buffer {
  const head = statementPacket(FRAME_PLAIN_BYTES).subarray(0, 64);
  const parts = [Buffer.from('28b52ffda0ffffff00', 'hex'), block(head.length, 0, false), head];
  for (let left = FRAME_PLAIN_BYTES - head.length; left > 0; left -= 131_072)
    parts.push(block(Math.min(left, 131_072), 1, left <= 131_072), Buffer.from('x'));
  return frameOf(Buffer.concat(parts), FRAME_PLAIN_BYTES);
}

function block(bytes: number, type: number, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((bytes << 3) | (type << 1) | Number(isLast), 0, 3);
  return header;
}

function frameOf(payload: Buffer, plainBytes: number): Buffer {
  const header = Buffer.alloc(7);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUIntLE(plainBytes, 4, 3);
  return Buffer.concat([header, payload]);
}

function le32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('hex');
}
