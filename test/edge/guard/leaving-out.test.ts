import { describe, expect, it } from 'vitest';
import { Edge } from '../../../edge/edge.ts';
import { Decode } from '../../../processors/decode/decode.ts';
import {
  DEFAULT_CAPABILITIES,
  decodeAll,
  greeting,
  loginPacket,
  packet,
  query,
  rows,
} from '../../support/conversation.ts';
import { ACK, FIN, frame, type SegmentSpec, SYN } from '../../support/segment-builder.ts';

/** Connections that log in and send one query each; the edge sees all of their packets. */
class Clients {
  readonly batches: Buffer[] = [];
  readonly edge: Edge;
  packets = 0;
  timeUs = 1_700_000_000_000_000;

  constructor(sampleShare = 1) {
    this.edge = new Edge({
      origin: { edgeId: 'e', runUs: 0, serverId: 'db1' },
      ports: [3306],
      partitions: 1,
      sampleShare,
      onBatch: (_, batch) => this.batches.push(batch),
    });
  }

  open(clientPort: number): void {
    const hello = greeting(DEFAULT_CAPABILITIES);
    const login = loginPacket(DEFAULT_CAPABILITIES);
    const ok = packet(2, '00 00 00 0200 0000');
    this.send({ clientPort, seq: 99, flags: SYN });
    this.send({ clientPort, fromClient: false, seq: 499, ack: 100, flags: SYN | ACK });
    this.send({ clientPort, fromClient: false, seq: 500, ack: 100, data: hello });
    this.send({ clientPort, seq: 100, ack: 500 + hello.length, data: login });
    this.send({ clientPort, fromClient: false, seq: 500 + hello.length, ack: 100 + login.length, data: ok });
    this.seq = 100 + login.length;
    this.ack = 500 + hello.length + ok.length;
  }

  query(clientPort: number): void {
    this.send({ clientPort, seq: this.seq, ack: this.ack, data: query('SELECT 1') });
  }

  finish(clientPort: number): void {
    this.send({ clientPort, seq: this.seq + 13, ack: this.ack, flags: FIN | ACK });
    this.send({ clientPort, fromClient: false, seq: this.ack, ack: this.seq + 14, flags: FIN | ACK });
  }

  rows() {
    this.edge.end(this.timeUs);
    return rows(decodeAll(this.batches, new Decode({ keepsRaw: false })));
  }

  private seq = 0;
  private ack = 0;

  private send(spec: SegmentSpec): void {
    const bytes = frame(spec);
    this.timeUs += 1_000;
    this.packets++;
    this.edge.onPacket(bytes, 0, bytes.length, bytes.length, this.timeUs, 1);
  }
}

function all(sampleShare: number, count = 400) {
  const clients = new Clients(sampleShare);
  for (let port = 0; port < count; port++) {
    clients.open(10_000 + port);
    clients.query(10_000 + port);
    clients.finish(10_000 + port);
  }
  return clients;
}

describe('leaving connections out', () => {
  it('samples whole connections, the same ones each time, and counts the others', () => {
    const first = all(0.25);
    const { tcpCounters } = first.edge;
    const sampled = tcpCounters.connectionsOpened - tcpCounters.sampledOutConnections;
    expect(sampled).toBeGreaterThan(60);
    expect(sampled).toBeLessThan(140);
    expect(tcpCounters.segments).toBe(first.packets);
    expect(tcpCounters.sampledOutSegments).toBe((first.packets / 400) * tcpCounters.sampledOutConnections);
    expect(tcpCounters.connectionsOpen).toBe(0);
    const events = first.rows();
    expect(events.filter((row) => row.command === 'connect')).toHaveLength(sampled);
    expect(events.filter((row) => row.command === 'query')).toHaveLength(sampled);
    expect(all(0.25).rows()).toEqual(events);
  });

  it('reads what it would otherwise have read of a connection that stays', () => {
    const whole = new Set(
      all(1)
        .rows()
        .map((row) => row.event_id),
    );
    for (const row of all(0.5).rows()) expect(whole.has(row.event_id)).toBe(true);
  });

  it('ends an open connection that is shed, tells what became of its command, and never reads it again', () => {
    const clients = new Clients();
    clients.open(10_000);
    clients.query(10_000);
    clients.edge.shedNew(1);
    expect(clients.edge.shedOpen(clients.timeUs)).toBe(1);
    expect(clients.edge.shedOpen(clients.timeUs)).toBe(0);
    clients.edge.shedNew(0);
    clients.query(10_000);
    clients.query(10_000);
    const { tcpCounters } = clients.edge;
    expect(tcpCounters.shedBytes).toBe(2 * 13);
    expect(tcpCounters.shedSegments).toBe(2);
    clients.finish(10_000);
    expect(tcpCounters.connectionsOpen).toBe(0);
    expect(clients.rows().map((row) => `${row.command} ${row.status}`)).toEqual(['connect ok', 'query unknown']);
  });

  it('reads a new connection on the ports of one that was left out', () => {
    const clients = new Clients();
    clients.edge.shedNew(1);
    clients.open(10_000);
    clients.finish(10_000);
    clients.edge.shedNew(0);
    clients.timeUs += 3_000_000;
    clients.open(10_000);
    clients.query(10_000);
    expect(clients.edge.tcpCounters.shedConnections).toBe(1);
    expect(clients.rows().map((row) => row.command)).toEqual(['connect', 'query']);
  });
});
