import type { EdgeService } from '../../edge/service/edge-service.ts';
import { ShippingCounters } from '../../edge/shipping/shipping-counters.ts';
import type { PacketSource } from '../../edge/sources/packet-source.ts';
import { TcpCounters } from '../../edge/tcp/tcp-counters.ts';
import type { Metrics } from '../../runtime/metrics.ts';

type TcpTotal =
  | 'segments'
  | 'deliveredBytes'
  | 'gaps'
  | 'gapBytes'
  | 'connectionsOpened'
  | 'shedConnections'
  | 'shedBytes'
  | 'sampledOutConnections'
  | 'sampledOutBytes'
  | 'evictions';

/** What an edge tells Prometheus. */
export function registerEdgeMetrics(metrics: Metrics, service: EdgeService, sources: readonly PacketSource[]): void {
  const noTcp = new TcpCounters();
  const noShipping = new ShippingCounters();
  metrics.counters<TcpTotal>(
    'edge',
    {
      segments: 'TCP segments of the watched ports.',
      deliveredBytes: 'Bytes of TCP streams in order.',
      gaps: 'Holes in TCP streams.',
      gapBytes: 'Bytes that were never captured.',
      connectionsOpened: 'Connections seen.',
      shedConnections: 'Connections left out by the guard.',
      shedBytes: 'Bytes of these.',
      sampledOutConnections: 'Connections outside of the sample.',
      sampledOutBytes: 'Bytes of these.',
      evictions: 'Connections given up for want of room.',
    },
    () => service.edge?.tcpCounters ?? noTcp,
  );
  metrics.counters<Exclude<keyof ShippingCounters, 'lastAckMs'>>(
    'edge',
    {
      sentMessages: 'Messages that Kafka acknowledged.',
      sentBatches: 'Records that Kafka acknowledged.',
      sentBytes: 'Bytes of these before compression.',
      requests: 'Requests that Kafka acknowledged.',
      failures: 'Requests that failed and were sent again.',
      spooledBatches: 'Batches that went by way of the spool.',
      spooledBytes: 'Bytes of these.',
      lostMessages: 'Messages lost: no room, unreadable in the spool, or refused.',
    },
    () => service.shipping?.counters ?? noShipping,
  );
  metrics.counter('sqltrail_edge_dropped_packets_total', 'Packets dropped before the capture saw them.', ['by'], () => {
    const counters = sources.map((source) => source.counters());
    const sum = (of: 'droppedByKernel' | 'droppedByInterface') =>
      counters.reduce((total, each) => total + (each[of] ?? 0), 0);
    return [
      { labels: { by: 'kernel' }, value: sum('droppedByKernel') },
      { labels: { by: 'interface' }, value: sum('droppedByInterface') },
    ];
  });
  metrics.gauge('sqltrail_edge_connections', 'Connections that are open.', [], () => [
    { value: service.edge?.tcpCounters.connectionsOpen ?? 0 },
  ]);
  metrics.gauge('sqltrail_edge_queue_bytes', 'Bytes in memory that wait for Kafka.', [], () => [
    { value: service.shipping?.queuedBytes ?? 0 },
  ]);
  metrics.gauge('sqltrail_edge_spool_bytes', 'Bytes on disk that wait for Kafka.', [], () => [
    { value: service.spool?.bytes ?? 0 },
  ]);
  metrics.gauge('sqltrail_edge_shed_share', 'Share of new connections that the guard leaves out.', [], () => [
    { value: service.guard.share },
  ]);
  metrics.gauge('sqltrail_edge_cpu_cores', 'Cores in use, the capture included.', [], () => [
    { value: service.used.cpuCores },
  ]);
}
