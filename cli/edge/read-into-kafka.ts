import { KafkaBus } from '../../bus/kafka-bus.ts';
import { EdgeService } from '../../edge/service/edge-service.ts';
import type { EdgeEvent } from '../../edge/service/edge-service-options.ts';
import { openSources } from '../capture/open-sources.ts';
import { unreadLinkType } from '../capture/unread-link-type.ts';
import { grouped } from '../output/grouped.ts';
import { stopOnSignal } from '../run/stop-on-signal.ts';
import type { EdgeOptions } from './edge-options.ts';

/**
 * Reads capture files into Kafka; resolves when Kafka has acknowledged all of it. What goes on is told on stderr.
 *
 * @throws SqltrailError of a file, or of Kafka where waiting does not help.
 */
export async function readIntoKafka(options: EdgeOptions): Promise<void> {
  const say = (sentence: string) => process.stderr.write(`${sentence}\n`);
  const sources = await openSources(options.source, options.ports, say);
  const bus = new KafkaBus({ kafka: options.kafka, onTrouble: (error) => say(`${error.message}\n  ${error.cure}`) });
  const stop = stopOnSignal();
  const startedMs = Date.now();
  try {
    const onEvent = (event: EdgeEvent) => tell(event, say);
    const service = new EdgeService({ ...options, bus, sources, isLive: false, onEvent }, startedMs);
    await service.run(stop.signal);
    const { edge, shipping } = service;
    if (edge === null || shipping === null) return;
    const unread = unreadLinkType(edge.packetCounters);
    if (unread !== null) throw unread;
    const seconds = Math.max(0.001, (Date.now() - startedMs) / 1_000);
    const { sentMessages, sentBatches, sentBytes } = shipping.counters;
    const { gaps, gapBytes, connectionsOpened } = edge.tcpCounters;
    say(
      `${grouped(edge.packetCounters.packets)} packets, ${grouped(connectionsOpened)} connections, ${grouped(sentMessages)} messages in ` +
        `${grouped(sentBatches)} records (${grouped(sentBytes)} bytes) in ${seconds.toFixed(1)} s; gaps ${grouped(gaps)} (${grouped(gapBytes)} bytes)`,
    );
    for (const source of sources) {
      if (source.counters().truncated)
        say(`${source.name} ends inside a packet: it was cut. All whole packets were used.`);
    }
    if (edge.packetCounters.packets > 0 && connectionsOpened === 0)
      say('None of the packets belongs to the watched ports. Name the port of the server with --port.');
  } finally {
    stop.release();
    await bus.close();
  }
}

function tell(event: EdgeEvent, say: (sentence: string) => void): void {
  if (event.kind === 'away') say(event.isAway ? 'Kafka does not answer: waiting for it.' : 'Kafka answers again.');
  else if (event.kind === 'partitions_unknown') say('Waiting for Kafka.');
  else if (event.kind === 'spool_found')
    say(`The spool holds ${grouped(event.bytes)} bytes of an earlier run: they go first.`);
}
