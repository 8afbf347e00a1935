import { constants, setPriority } from 'node:os';
import { KafkaBus } from '../../bus/kafka-bus.ts';
import { EdgeService } from '../../edge/service/edge-service.ts';
import type { EdgeEvent } from '../../edge/service/edge-service-options.ts';
import { failureFields } from '../../runtime/failure-fields.ts';
import type { Log } from '../../runtime/log.ts';
import { startService } from '../../runtime/service.ts';
import { openSources } from '../capture/open-sources.ts';
import type { Config } from '../config/config-schema.ts';
import { serviceOptions } from '../config/service-options.ts';
import { registerEdgeMetrics } from './edge-metrics.ts';
import type { EdgeOptions } from './edge-options.ts';

const SAME_FAILURE_MS = 60_000;

/**
 * Captures live and ships to Kafka until a signal; then drains. At a lower priority than the database beside it.
 *
 * @throws SqltrailError of the capture, the spool, or of Kafka where it refuses at the start.
 */
export async function serveEdge(options: EdgeOptions, config: Config): Promise<void> {
  const service = await startService(serviceOptions('edge', config));
  const { log } = service;
  let bus: KafkaBus | null = null;
  try {
    lowerPriority(log);
    const sources = await openSources(options.source, options.ports, (sentence) => log.info(sentence));
    bus = new KafkaBus({
      kafka: options.kafka,
      onTrouble: (error) =>
        log.warn(`${error.message} ${error.cure}`, { code: error.code, retriable: error.retriable }),
    });
    const kafka = bus;
    const isNews = newsOnly();
    const onEvent = (event: EdgeEvent) => {
      if (event.kind !== 'failure' || isNews(event.error)) write(event, log);
    };
    const edge = new EdgeService({ ...options, bus, sources, isLive: true, onEvent }, Date.now());
    registerEdgeMetrics(service.metrics, edge, sources);
    service.ready(
      'kafka',
      () => edge.lastAckMs > 0 && !edge.isAway && kafka.troubleNow === null,
      () => kafka.troubleNow?.message ?? 'Kafka has not answered yet.',
    );
    await edge.run(service.stopSignal);
    log.info('Ended.', { messages: edge.shipping?.counters.sentMessages ?? 0 });
  } finally {
    await bus?.close();
    await service.end();
  }
}

/** A failure that repeats is told once a minute. */
function newsOnly(): (error: unknown) => boolean {
  let told = '';
  let toldMs = 0;
  return (error) => {
    const text = String(error);
    if (text === told && Date.now() - toldMs < SAME_FAILURE_MS) return false;
    told = text;
    toldMs = Date.now();
    return true;
  };
}

/** The capture's child inherits it. */
function lowerPriority(log: Log): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch (error) {
    log.warn('The priority of this process stays as it is.', failureFields(error));
  }
}

function write(event: EdgeEvent, log: Log): void {
  switch (event.kind) {
    case 'failure':
      log.warn('Kafka did not take a request; it is sent again.', failureFields(event.error));
      return;
    case 'partitions_unknown':
      log.warn('Nothing is captured yet: Kafka has to say how many partitions there are.', failureFields(event.error));
      return;
    case 'away':
      if (event.isAway) log.warn('Kafka does not answer: batches wait in memory and in the spool.');
      else log.info('Kafka answers again.');
      return;
    case 'spool_found':
      log.info('The spool holds batches of an earlier run: they go first.', {
        bytes: event.bytes,
        cut_bytes: event.cutBytes,
      });
      return;
    case 'shedding':
      log.warn('Connections are left out to stay below the ceilings.', {
        share: event.share,
        open_connections: event.connections,
      });
      return;
    case 'not_running':
      log.info('The time since the last run is in the ledger as capture not running.', { seconds: event.seconds });
      return;
    case 'left_in_spool':
      log.warn('Not everything could be sent; the rest waits in the spool for the next start.', { bytes: event.bytes });
  }
}
