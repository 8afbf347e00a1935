import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketDecoder } from '../../../edge/packet/packet-decoder.ts';
import { DEFAULT_FLOW_LIMITS } from '../../../edge/tcp/flow-limits.ts';
import { FlowTable } from '../../../edge/tcp/flow-table.ts';
import { ACK, FIN, frame, type SegmentSpec, SYN } from '../../support/segment-builder.ts';
import { RecordingHandler } from './recording-handler.ts';

/** One side speaks, then the other, having heard it: the order is total, so the outcome is one sequence of events. */
interface Turn {
  readonly text: string;
  /** Lengths of the segments it is sent in, used in a circle. */
  readonly cuts: readonly number[];
}

const turn: fc.Arbitrary<Turn> = fc.record({
  text: fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz') }),
  cuts: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
});
const turns = fc.array(turn, { minLength: 1, maxLength: 12 });
/** No segment of one byte: where the last one of a half is missing it is taken for the FIN. */
const evenTurns = turns.map((list) =>
  list.map(({ text, cuts }) => ({ text: text + text, cuts: cuts.map((cut) => 2 * cut) })),
);
const isn = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 2 ** 32 - 200, max: 2 ** 32 - 1 }));

interface Sent {
  readonly handshake: SegmentSpec[];
  readonly segments: SegmentSpec[];
  readonly fins: SegmentSpec[];
  readonly client: string;
  readonly server: string;
}

function send(clientIsn: number, serverIsn: number, spoken: readonly Turn[]): Sent {
  const at = { client: clientIsn + 1, server: serverIsn + 1 };
  const text = { client: '', server: '' };
  const segments: SegmentSpec[] = [];
  for (const [i, { text: said, cuts }] of spoken.entries()) {
    const fromClient = i % 2 === 0;
    const half = fromClient ? 'client' : 'server';
    const ack = fromClient ? at.server : at.client;
    for (let from = 0, k = 0; from < said.length; k += 1) {
      const data = said.slice(from, from + cuts[k % cuts.length]!);
      segments.push({ fromClient, seq: at[half], ack, data });
      at[half] += data.length;
      from += data.length;
    }
    segments.push({ fromClient: !fromClient, seq: ack, ack: at[half] });
    text[half] += said;
  }
  return {
    handshake: [
      { seq: clientIsn, flags: SYN },
      { fromClient: false, seq: serverIsn, ack: clientIsn + 1, flags: SYN | ACK },
      { seq: clientIsn + 1, ack: serverIsn + 1 },
    ],
    segments,
    fins: [
      { seq: at.client, ack: at.server, flags: FIN | ACK },
      { fromClient: false, seq: at.server, ack: at.client + 1, flags: FIN | ACK },
    ],
    ...text,
  };
}

/** What must come out: the turns, those of one half in a row joined. */
function expectedEvents(spoken: readonly Turn[]): string[] {
  return ['open', ...spoken.map(({ text }, i) => `${i % 2 === 0 ? 'client' : 'server'}: ${text}`), 'close fin'];
}

function run(segments: readonly SegmentSpec[], stepUs = 10) {
  const handler = new RecordingHandler();
  const table = new FlowTable({ ports: [3306], handler, limits: { ...DEFAULT_FLOW_LIMITS, maxConnections: 16 } });
  const decoder = new PacketDecoder(table);
  let timeUs = 1_700_000_000_000_000;
  for (const segment of segments) {
    const bytes = frame(segment);
    timeUs += stepUs;
    decoder.packet(bytes, 0, bytes.length, bytes.length, timeUs, 1);
  }
  decoder.end(timeUs);
  return { handler, counters: table.counters };
}

/** Moves each element back by at most its number of places. */
function reorder<T>(list: readonly T[], delays: readonly number[]): T[] {
  return list
    .map((item, i) => ({ item, at: i + (delays[i % delays.length] ?? 0), i }))
    .sort((a, b) => a.at - b.at || a.i - b.i)
    .map(({ item }) => item);
}

/**
 * Retransmissions in other cuts. As real senders do, only of bytes that were not acknowledged by then: any span of the
 * sender's present turn up to the segment after which the copy is sent.
 */
function retransmissions(sent: Sent, picks: readonly [number, number, number][]): Map<number, SegmentSpec> {
  const copies = new Map<number, SegmentSpec>();
  for (const [at, from, length] of picks) {
    const index = at % sent.segments.length;
    const original = sent.segments[index]!;
    if (!original.data) continue;
    const first = sent.segments.find(
      ({ fromClient, ack, data }) => data && fromClient === original.fromClient && ack === original.ack,
    )!;
    const spoken = sent.segments
      .slice(sent.segments.indexOf(first), index + 1)
      .map(({ data }) => data)
      .join('');
    const start = from % spoken.length;
    copies.set(index, { ...first, seq: first.seq! + start, data: spoken.slice(start, start + length) });
  }
  return copies;
}

/** The turn of each run of delivered bytes, in the order of delivery. */
function deliveredTurns(events: readonly string[], spoken: readonly Turn[]): number[] {
  const turnAt = { client: [] as number[], server: [] as number[] };
  for (const [i, { text }] of spoken.entries()) {
    turnAt[i % 2 === 0 ? 'client' : 'server'].push(...new Array<number>(text.length).fill(i));
  }
  const delivered: number[] = [];
  for (const event of events) {
    const match = /^(client|server)(: | gap )(.*)$/.exec(event);
    if (!match) continue;
    const [, half, kind, what = ''] = match;
    const turns = turnAt[half as 'client' | 'server'];
    if (kind === ': ') delivered.push(...turns.splice(0, what.length));
    else turns.splice(0, Number(what));
  }
  return delivered;
}

describe('reassembly', () => {
  it('delivers the same bytes in the same causal order however segments are cut, delayed, repeated and overlapped', () => {
    fc.assert(
      fc.property(
        isn,
        isn,
        turns,
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(500), fc.nat(500), fc.integer({ min: 1, max: 80 })), { maxLength: 20 }),
        (clientIsn, serverIsn, spoken, delays, picks) => {
          const sent = send(clientIsn, serverIsn, spoken);
          const copies = retransmissions(sent, picks);
          const doubled = sent.segments.flatMap((segment, i) =>
            copies.has(i) ? [segment, copies.get(i)!] : [segment],
          );
          const { handler, counters } = run([...sent.handshake, ...reorder([...doubled, ...sent.fins], delays)]);
          expect(handler.events).toEqual(expectedEvents(spoken));
          expect(counters).toMatchObject({ gaps: 0, conflictBytes: 0, heldBytes: 0, connectionsOpen: 0 });
        },
      ),
      { numRuns: 400 },
    );
  });

  it('accounts for every byte when packets are dropped: delivered or in a gap, each at its place', () => {
    fc.assert(
      fc.property(
        isn,
        isn,
        evenTurns,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(10, 5_000, 200_000),
        (clientIsn, serverIsn, spoken, drops, stepUs) => {
          const sent = send(clientIsn, serverIsn, spoken);
          const kept = sent.segments.filter((_, i) => drops[i % drops.length] !== 0);
          const { handler, counters } = run([...sent.handshake, ...kept, ...sent.fins], stepUs);
          for (const half of ['client', 'server'] as const) {
            const delivered = handler[half];
            expect(delivered).toHaveLength(sent[half].length);
            for (const [i, byte] of delivered.entries()) if (byte !== null) expect(byte).toBe(sent[half].charCodeAt(i));
          }
          const turnsHeard = deliveredTurns(handler.events, spoken);
          expect(turnsHeard).toEqual(turnsHeard.toSorted((a, b) => a - b));
          const lost = sent.segments
            .filter((s) => !kept.includes(s))
            .reduce((sum, s) => sum + (s.data?.length ?? 0), 0);
          expect(counters.gapBytes).toBe(lost);
          expect(counters.heldBytes).toBe(0);
          expect(handler.events.at(-1)).toBe('close fin');
        },
      ),
      { numRuns: 400 },
    );
  });

  it('holds its invariants under arbitrary segments of a few connections', () => {
    const near = fc.oneof(fc.integer({ min: 90, max: 160 }), fc.integer({ min: 90, max: 160 }), fc.nat(2 ** 32 - 1));
    const spec = fc.record({
      fromClient: fc.boolean(),
      clientPort: fc.integer({ min: 1, max: 3 }),
      seq: near,
      ack: near,
      flags: fc.constantFrom(ACK, ACK, ACK, ACK, SYN, SYN | ACK, FIN | ACK, 4, 20, 0, 0xff),
      data: fc.string({ maxLength: 20 }),
    });
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 120 }), fc.constantFrom(10, 30_000, 2_000_000), (segments, stepUs) => {
        const { handler, counters } = run(segments, stepUs);
        const opened = handler.events.filter((event) => event.startsWith('open')).length;
        const closed = handler.events.filter((event) => event.startsWith('close')).length;
        expect(closed).toBe(opened);
        expect(counters).toMatchObject({ heldBytes: 0, connectionsOpen: 0, connectionsOpened: opened });
        expect(counters.gapBytes).toBeGreaterThanOrEqual(counters.gaps);
        expect(handler.connections.every((connection) => connection.session === null)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
