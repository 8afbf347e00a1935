import type { FramerCounters } from '../framer/framer-counters.ts';
import type { TcpCounters } from '../tcp/tcp-counters.ts';
import type { Gain } from './edge-ledger.ts';

/** Totals of an edge since its start; of the drops, those known so far. */
export interface TrafficTotals {
  readonly tcp: TcpCounters;
  readonly framer: FramerCounters;
  readonly droppedByKernel: number;
  readonly droppedByInterface: number;
}

/** Turns totals into what was gained since the last look, unit by unit. */
export class TrafficGains {
  private last = totalsOf(null);
  /** Bytes that are lost on paper before they came: bytes of a closing connection are only then known to be unreadable. */
  private owedBytes = 0;

  take(totals: TrafficTotals): Gain[] {
    const now = totalsOf(totals);
    const { last } = this;
    this.last = now;
    const of = (name: keyof Totals) => now[name] - last[name];
    const delivered = of('deliveredBytes') - of('tlsBytes') - of('unreadableBytes') + this.owedBytes;
    this.owedBytes = Math.min(0, delivered);
    const refused = of('shedConnections') - of('shedOpenConnections') + of('sampledOutConnections');
    return [
      {
        unit: 'packets',
        passedOn: of('segments') - of('shedSegments') - of('sampledOutSegments'),
        lost: {
          kernel_drop: of('droppedByKernel'),
          interface_drop: of('droppedByInterface'),
          shed: of('shedSegments'),
          sampled_out: of('sampledOutSegments'),
        },
      },
      {
        // A connection that is shed while open was passed on when it opened and is taken in and shed once more.
        unit: 'connections',
        passedOn: of('connectionsOpened') - refused,
        lost: { shed: of('shedConnections'), sampled_out: of('sampledOutConnections') },
      },
      {
        unit: 'bytes',
        passedOn: Math.max(0, delivered),
        lost: {
          gap: of('gapBytes'),
          tls: of('tlsBytes'),
          unreadable: of('unreadableBytes'),
          shed: of('shedBytes'),
          sampled_out: of('sampledOutBytes'),
        },
      },
    ];
  }
}

type Totals = ReturnType<typeof totalsOf>;

function totalsOf(totals: TrafficTotals | null) {
  const tcp = totals?.tcp;
  return {
    segments: tcp?.segments ?? 0,
    shedSegments: tcp?.shedSegments ?? 0,
    sampledOutSegments: tcp?.sampledOutSegments ?? 0,
    connectionsOpened: tcp?.connectionsOpened ?? 0,
    shedConnections: tcp?.shedConnections ?? 0,
    shedOpenConnections: tcp?.shedOpenConnections ?? 0,
    sampledOutConnections: tcp?.sampledOutConnections ?? 0,
    deliveredBytes: tcp?.deliveredBytes ?? 0,
    gapBytes: tcp?.gapBytes ?? 0,
    shedBytes: tcp?.shedBytes ?? 0,
    sampledOutBytes: tcp?.sampledOutBytes ?? 0,
    tlsBytes: totals?.framer.tlsBytes ?? 0,
    unreadableBytes: totals?.framer.unreadableBytes ?? 0,
    droppedByKernel: totals?.droppedByKernel ?? 0,
    droppedByInterface: totals?.droppedByInterface ?? 0,
  };
}
