import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { CountersTask } from '../../processors/watch/counters/counters-task.ts';
import { publishMinutes } from '../../processors/watch/counters/publish-minutes.ts';
import { publishSweep, readPublished } from '../../processors/watch/session-topic.ts';
import { WatchLedger } from '../../processors/watch/watch-ledger.ts';
import { Watcher } from '../../processors/watch/watcher.ts';
import { aborted } from '../../runtime/aborted.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { startService } from '../../runtime/service.ts';
import { countLine } from '../../schemas/ledger-record.ts';
import { sessionPartition } from '../../schemas/session-record.ts';
import { TOPIC } from '../../schemas/topics.ts';
import type { Config } from '../config/config-schema.ts';
import { kafkaOptions } from '../config/kafka-options.ts';
import { serviceOptions } from '../config/service-options.ts';
import { serviceBus } from '../service-bus.ts';
import { watchMetrics } from './watch-metrics.ts';
import { watchedServers } from './watched-servers.ts';

const LEDGER_MS = 5_000;

/** The service: resolves when a signal has ended it. A server that does not answer is told and tried again, for ever. */
export async function runWatch(config: Config): Promise<void> {
  const warnings: string[] = [];
  const servers = watchedServers(config, (sentence) => warnings.push(sentence));
  if (servers.length === 0)
    throw new SqltrailError(
      'config_invalid',
      'No server is named to be watched.',
      'Name one under watch.servers in the file of --config; docs/watching.md has an example.',
    );
  const kafka = kafkaOptions(config);
  const service = await startService(serviceOptions('watch', config));
  const { log, stopSignal } = service;
  for (const sentence of warnings) log.warn(sentence);
  const bus = serviceBus(service, kafka);
  let failure: unknown = null;
  const fail = (error: unknown) => {
    if (stopSignal.aborted) return;
    failure ??= error;
    service.stop('A failure that will not pass.');
  };
  const origin = `watch:${randomBytes(8).toString('hex')}`;
  const ledger = new WatchLedger(origin);
  const watcher = new Watcher({
    intervalMs: config.watch.interval_s * 1000,
    queryTimeoutMs: config.watch.query_timeout_s * 1000,
    moreTasks: ({ names }) => [
      new CountersTask({
        serverId: names.serverId,
        origin,
        publish: (minutes) => publishMinutes(bus, minutes),
        clocks: { nowMs: Date.now, steadyMs: () => performance.now() },
      }),
    ],
    onSweep: (sweep) => publishSweep(bus, sweep).catch(fail),
    onAttempt: (serverId, fault, isNews) => {
      ledger.count(serverId, fault?.kind ?? null, Date.now());
      if (!isNews) return;
      if (fault === null) log.info('The server answers again.', { server: serverId });
      else log.warn(`${fault.message}.`, { server: serverId, fault: fault.kind, code: fault.code, cure: fault.cure });
    },
    lookUp: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
    nowMs: Date.now,
    random: Math.random,
  });
  watchMetrics(service.metrics, watcher);
  for (const { names } of servers) {
    const state = () => watcher.servers.get(names.serverId)?.watcher;
    service.ready(
      `server ${names.serverId}`,
      () => state()?.faultNow === null && state()?.server !== null && (state()?.waitingMs ?? 0) < slowMs(config),
      () => state()?.faultNow?.message ?? 'The server has not answered yet.',
    );
  }
  const start = async () => {
    const published = await readPublished(
      bus,
      servers.map(({ names }) => names.serverId),
    );
    if (stopSignal.aborted) return;
    for (const server of servers) {
      const known = published.get(server.names.serverId);
      watcher.add(server, ({ changes }) => {
        if (known !== undefined) changes.restore(known.sessions, known.startedUs);
      });
    }
    log.info('Servers are watched.', { servers: servers.length, interval_s: config.watch.interval_s });
  };
  const publishLedger = async () => {
    const partitions = await bus.partitions(TOPIC.ledger);
    const records = ledger.takeChanged().map((entry) => ({
      partition: sessionPartition(entry.serverId, partitions),
      key: null,
      value: Buffer.from(`${countLine(entry)}\n`),
    }));
    await bus.send(TOPIC.ledger, records);
  };
  const starting = start().catch(fail);
  const timer = setInterval(() => void publishLedger().catch(fail), LEDGER_MS);
  await aborted(stopSignal);
  clearInterval(timer);
  const watched = watcher.close();
  if (bus.troubleNow === null && failure === null) {
    await watched;
    await publishLedger().catch(() => {});
  }
  // Ends the waiting for brokers that are away, a reading's too.
  await bus.close();
  await watched;
  await starting;
  await service.end();
  if (failure !== null) throw failure;
}

/** An answer that takes longer than the interval is late for the next reading. */
function slowMs(config: Config): number {
  return config.watch.interval_s * 1000;
}
