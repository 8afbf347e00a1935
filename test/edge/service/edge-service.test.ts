import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../../bus/bus.ts';
import { EdgeService } from '../../../edge/service/edge-service.ts';
import type { EdgeEvent, EdgeServiceOptions } from '../../../edge/service/edge-service-options.ts';
import { lockSpool } from '../../../edge/shipping/spool-lock.ts';
import { FileSource } from '../../../edge/sources/file-source.ts';
import type { PacketSource } from '../../../edge/sources/packet-source.ts';
import { Decode } from '../../../processors/decode/decode.ts';
import { SqltrailError } from '../../../runtime/errors.ts';
import { MessageBatchReader } from '../../../schemas/message-batch-reader.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { decodeAll, rows } from '../../support/conversation.ts';

const SHOP = 'demo/shop.pcap';
const PARTITIONS = 4;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqltrail-service-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A broker in memory that can be away. */
class Broker {
  readonly kept = new Map<string, OutgoingRecord[]>();
  isAway = false;
  /** Goes away after the first request. */
  isShortLived = false;

  partitions(topic: string): Promise<number> {
    if (this.isAway) return new Promise(() => undefined);
    return Promise.resolve(topic === TOPIC.messages ? PARTITIONS : 1);
  }

  send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    if (this.isAway) return Promise.reject(new SqltrailError('bus_unreachable', 'away', 'wait', { retriable: true }));
    this.isAway = this.isShortLived;
    this.kept.set(topic, [...(this.kept.get(topic) ?? []), ...records]);
    return Promise.resolve();
  }

  messages(): Buffer[] {
    return (this.kept.get(TOPIC.messages) ?? []).map((record) => record.value!);
  }

  /** The newest line of each entry. */
  ledger(): Record<string, unknown>[] {
    const newest = new Map<string, Record<string, unknown>>();
    for (const { value } of this.kept.get(TOPIC.ledger) ?? [])
      for (const text of value!.toString().trim().split('\n')) {
        const line = JSON.parse(text) as Record<string, unknown>;
        newest.set(`${line['origin']} ${line['ordinal']}`, line);
      }
    return [...newest.values()];
  }
}

/** A live capture of packets that come at once; ends when it is stopped. */
class LiveFile implements PacketSource {
  readonly name = 'live';
  readonly isRead: Promise<void>;
  private markRead: () => void = () => undefined;
  private readonly file = new FileSource(SHOP);

  constructor() {
    this.isRead = new Promise((resolve) => {
      this.markRead = resolve;
    });
  }

  async run(...[onPacket, afterChunk, signal]: Parameters<PacketSource['run']>): Promise<void> {
    await this.file.run(onPacket, afterChunk, new AbortController().signal);
    this.markRead();
    if (signal.aborted) return;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }

  pause(): void {
    this.file.pause();
  }

  counters() {
    return { ...this.file.counters(), droppedByKernel: 7 };
  }
}

function service(bus: Broker, options: Partial<EdgeServiceOptions> = {}, startedMs = Date.now()) {
  const events: EdgeEvent[] = [];
  const made = new EdgeService(
    {
      bus,
      sources: [new FileSource(SHOP)],
      isLive: false,
      edgeId: 'edge-1',
      serverId: 'db1',
      ports: [3306],
      lingerMs: 5,
      sampleShare: 1,
      spool: null,
      limits: { cpuCores: 100, memoryBytes: 1e12 },
      drainMs: 2_000,
      onEvent: (event) => events.push(event),
      ...options,
    },
    startedMs,
  );
  return { made, events };
}

function eventIds(batches: readonly Buffer[]): unknown[] {
  return rows(decodeAll(batches, new Decode({ keepsRaw: false }))).map((row) => row.event_id);
}

const never = new AbortController().signal;

describe('an edge that ships to a bus', () => {
  it('brings every message of a file, and accounts for all of it', async () => {
    const broker = new Broker();
    await service(broker).made.run(never);
    expect(eventIds(broker.messages()).length).toBeGreaterThan(300);
    const ledger = broker.ledger();
    expect([...new Set(ledger.map((line) => line['unit']))].sort()).toEqual([
      'bytes',
      'connections',
      'messages',
      'packets',
    ]);
    for (const line of ledger)
      expect(line).toMatchObject({ stage: 'edge', server_id: 'db1', passed_on: line['taken_in'], open: 0, lost: {} });
  });

  it('counts a file that is read again under the same names', async () => {
    const names = async () => {
      const broker = new Broker();
      await service(broker).made.run(never);
      return broker.ledger().map(({ version: _version, ...rest }) => rest);
    };
    const first = await names();
    expect(await names()).toEqual(first);
    expect(first.length).toBeGreaterThan(3);
  });

  it('tells every partition that a live run has begun, before anything else', async () => {
    const broker = new Broker();
    const stop = new AbortController();
    const { made } = service(broker, { isLive: true, sources: [new LiveFile()] }, 5_000);
    setTimeout(() => stop.abort(), 100);
    await made.run(stop.signal);
    const records = broker.kept.get(TOPIC.messages)!.slice(0, PARTITIONS);
    expect(records.map((record) => record.partition)).toEqual([0, 1, 2, 3]);
    for (const { value } of records) {
      const reader = new MessageBatchReader();
      expect(reader.open(value!)).toBe(true);
      expect({ edgeId: reader.edgeId, runUs: reader.runUs, hasMessage: reader.next() }).toEqual({
        edgeId: 'edge-1',
        runUs: 5_000_000,
        hasMessage: false,
      });
    }
    const packets = broker.ledger().filter((line) => line['unit'] === 'packets');
    expect(packets.reduce((sum, line) => sum + ((line['lost'] as Record<string, number>)['kernel_drop'] ?? 0), 0)).toBe(
      7,
    );
  });

  it('begins a later run however far the clock was set back', async () => {
    const broker = new Broker();
    const runs: number[] = [];
    for (const startedMs of [9_000_000, 5_000, 5_000]) {
      const stop = new AbortController();
      const { made } = service(broker, { isLive: true, sources: [], spool: { directory, maxBytes: 1e8 } }, startedMs);
      await made.run(stop.signal);
      const reader = new MessageBatchReader();
      reader.open(broker.messages().at(-1)!);
      runs.push(reader.runUs);
    }
    expect(runs).toEqual([9e9, 9e9 + 1, 9e9 + 2]);
  });

  it('touches nothing in a spool directory that another edge uses', () => {
    const unfinished = join(directory, '000000000001.segment');
    writeFileSync(unfinished, 'what the other is writing');
    const release = lockSpool(directory);
    expect(() => service(new Broker(), { spool: { directory, maxBytes: 1e8 } })).toThrow(/in use by process/);
    expect(readFileSync(unfinished, 'utf8')).toBe('what the other is writing');
    release();
  });

  it('names the ledger of files by their server too: the same capture may be read for two', async () => {
    const broker = new Broker();
    for (const serverId of ['db1', 'db2']) await service(broker, { serverId }).made.run(never);
    const origins = new Map(broker.ledger().map((line) => [line['origin'], line['server_id']]));
    expect([...origins.values()].sort()).toEqual(['db1', 'db2']);
  });

  it('stops in time while Kafka is away, and the next run goes on with disk, ledger and partitions', async () => {
    const broker = new Broker();
    const spool = { directory, maxBytes: 1e8 };
    const stop = new AbortController();
    const capture = new LiveFile();
    broker.isShortLived = true;
    const first = service(broker, { isLive: true, sources: [capture], spool });
    const running = first.made.run(stop.signal);
    await capture.isRead;
    stop.abort();
    await running;
    expect(first.events.map((event) => event.kind)).toContain('left_in_spool');
    expect(JSON.parse(readFileSync(join(directory, 'ledger.json'), 'utf8')).partitions).toBe(PARTITIONS);

    const again = new AbortController();
    const later = Date.now() + 120_000;
    const second = service(broker, { isLive: true, sources: [], spool }, later);
    setTimeout(() => {
      broker.isShortLived = false;
      broker.isAway = false;
    }, 4_000);
    await second.made.run(again.signal);
    expect(second.events).toContainEqual(expect.objectContaining({ kind: 'spool_found' }));
    const reference = new Broker();
    await service(reference).made.run(never);
    expect(eventIds(broker.messages()).sort()).toEqual(eventIds(reference.messages()).sort());
    const ledger = broker.ledger();
    const seconds = ledger.filter((line) => line['unit'] === 'seconds');
    const missed = seconds.reduce(
      (sum, line) => sum + ((line['lost'] as Record<string, number>)['capture_not_running'] ?? 0),
      0,
    );
    expect(missed).toBeGreaterThanOrEqual(119);
    const messages = ledger.filter((line) => line['unit'] === 'messages');
    expect(messages.every((line) => line['open'] === 0 && line['passed_on'] === line['taken_in'])).toBe(true);
  });

  it('ends when it is asked to before Kafka has ever said how many partitions there are', async () => {
    const broker = new Broker();
    broker.isAway = true;
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    await service(broker, { isLive: true, sources: [new LiveFile()] }).made.run(stop.signal);
    expect(broker.kept.size).toBe(0);
  });

  it('fails where Kafka takes the messages of a file and not its ledger', async () => {
    const broker = new Broker();
    broker.partitions = (topic) =>
      topic === TOPIC.ledger
        ? Promise.reject(new SqltrailError('bus_denied', 'no right', 'ask for it'))
        : Promise.resolve(PARTITIONS);
    const { made, events } = service(broker);
    await expect(made.run(never)).rejects.toThrow('no right');
    expect(events.map((event) => event.kind)).toContain('failure');
  });

  it('fails where Kafka refuses the topic', async () => {
    const broker = new Broker();
    broker.partitions = () => Promise.reject(new SqltrailError('topic_missing', 'no topic', 'make it'));
    await expect(service(broker, { isLive: true }).made.run(never)).rejects.toThrow('no topic');
  });
});
