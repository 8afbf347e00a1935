import { InProcessBus } from '../../bus/in-process-bus.ts';
import { Edge } from '../../edge/edge.ts';
import type { PacketSource } from '../../edge/sources/packet-source.ts';
import { Decode } from '../../processors/decode/decode.ts';
import { Detect } from '../../processors/detect/detect.ts';
import { FeatureReader } from '../../processors/detect/features/feature-reader.ts';
import type { EventSink } from '../../processors/event-sink.ts';
import { EventSteps } from '../../processors/event-steps.ts';
import { Mask } from '../../processors/mask/mask.ts';
import { Pipeline } from '../../processors/pipeline.ts';
import type { AuditStore } from '../../processors/store/audit-store.ts';
import type { Finding } from '../../schemas/finding.ts';
import { TOPIC } from '../../schemas/topics.ts';
import type { EmbeddedAlerts } from '../alerts/embedded-alerts.ts';
import { comesLive } from '../capture/capture-options.ts';
import { openSources } from '../capture/open-sources.ts';
import { unreadLinkType } from '../capture/unread-link-type.ts';
import { loadDetection } from '../detection/load-detection.ts';
import { reloadOnHangup } from '../detection/reload-on-hangup.ts';
import { NdjsonSink } from '../output/ndjson-sink.ts';
import { StandardOutput } from '../output/standard-output.ts';
import { TableSink } from '../output/table-sink.ts';
import { visibleText } from '../output/visible-text.ts';
import { EmbeddedLedger, type EmbeddedLedgerParts } from './embedded-ledger.ts';
import type { EmbeddedWatch } from './embedded-watch.ts';
import { Outbox } from './outbox.ts';
import { Progress } from './progress.ts';
import type { RunOptions } from './run-options.ts';
import { stopOnSignal } from './stop-on-signal.ts';
import type { WatchOptions } from './watch-options.ts';

const GROUP = 'process';
/** Records of 256 KiB between edge and processors. */
const QUEUE_RECORDS = 16;
/** Of a chunk of compressed frames there can be a thousand times as much: beyond this the source pauses within it. */
const OUTBOX_BYTES = 4 * 1024 * 1024;
const TICK_MS = 100;
/** tcpdump hands packets on up to 1 s late: for the capture, time has passed only after that. */
const CAPTURE_DELAY_US = 2_000_000;
const TERMINAL_COLUMNS = 120;

/**
 * The whole product in one process: edge → bus → decode → mask → store and standard output. Resolves when the sources have
 * ended, or a signal came, and everything that was read is written.
 *
 * @param asked Servers that are asked who is connected; null: none.
 */
export async function runPipeline(options: RunOptions, asked: WatchOptions | null = null): Promise<void> {
  const isCapturing = !('files' in options.source);
  const isLive = comesLive(options.source);
  const sources = await openSources(options.source, options.ports);
  const { sinks, store } = await openSinks(options, isLive);
  const watch = asked === null ? null : await openWatch(asked, store);
  const decode = new Decode({
    keepsRaw: options.keepsRaw,
    ...(watch !== null && { onEnded: (connection, timeUs) => watch.ended(connection, timeUs) }),
  });
  const bus = new InProcessBus({ partitions: 1, recordsPerPartition: QUEUE_RECORDS });
  const outbox = new Outbox((batch) => bus.send(TOPIC.messages, [{ partition: 0, key: null, value: batch }]));
  let source: PacketSource | null = null;
  const onBatch = (_partition: number, batch: Buffer) => {
    outbox.push(batch);
    if (outbox.bytes > OUTBOX_BYTES) source?.pause();
  };
  const edge = new Edge({
    origin: { edgeId: '', runUs: 0, serverId: options.serverId },
    ports: options.ports,
    partitions: 1,
    onBatch,
  });
  const stop = stopOnSignal();

  let failure: unknown = null;
  const { rules, suppressions } = await loadDetection(options.config);
  const detect = new Detect(rules, suppressions);
  const say = (sentence: string) => process.stderr.write(`sqltrail: ${visibleText(sentence)}\n`);
  if (store !== null) {
    const { openFindings } = await import('./open-findings.ts');
    const alerts = await openAlerts(options, store, say);
    const onPart = alerts === null ? {} : { onPart: (part: Finding) => alerts.take(part) };
    // Before the store, to be closed before it.
    sinks.unshift(openFindings({ store, detect, isLive, say, ...onPart }), ...(alerts === null ? [] : [alerts]));
  } else if (options.config.alerts.sinks.length > 0)
    say('No alerts are sent: without a store there are no findings. Give a directory with --store.');
  const endReloads = reloadOnHangup(detect, options.config, {
    done: (count) => process.stderr.write(`sqltrail: ${count} rules are in force.\n`),
    failed: (error) =>
      process.stderr.write(`sqltrail: ${visibleText(error.message)} The rules before stay in force.\n`),
  });
  const steps = new EventSteps({
    ...(watch !== null && { identify: watch }),
    mask: new Mask(options.maskingPolicy, new FeatureReader()),
    detect,
  });
  const pipeline = new Pipeline(decode, steps, sinks, (error) => {
    failure = error;
    stop.abort();
  });
  const progress = new Progress(
    {
      isLive: isCapturing,
      edge,
      sources,
      decode,
      queue: () => outbox.length,
      droppedByPolicy: () => pipeline.droppedByPolicy,
      rowsWritten: () => store?.counters.rowsWritten ?? null,
    },
    Date.now(),
  );
  const ledger =
    watch === null || store === null ? null : new EmbeddedLedger(ledgerParts(watch, store, edge, sources), Date.now());
  await bus.subscribe([TOPIC.messages], GROUP, pipeline);
  const timer = setInterval(() => {
    // A file's time passes with its packets, also that of a pipe; what was read of it goes on without waiting for more.
    if (isCapturing) edge.tick(Date.now() * 1000 - CAPTURE_DELAY_US);
    edge.flush();
    void outbox.drain();
    watch?.tick(Date.now());
    ledger?.tick(Date.now());
    for (const sink of sinks) sink.tick(Date.now());
    progress.tick(Date.now());
  }, TICK_MS);
  try {
    for (source of sources) {
      if (!stop.signal.aborted) await source.run(edge.onPacket, () => outbox.drain(), stop.signal);
    }
  } catch (error) {
    failure ??= error;
  }
  edge.end(edge.lastPacketUs);
  await outbox.drain();
  await bus.caughtUp(TOPIC.messages, GROUP);
  clearInterval(timer);
  ledger?.end(Date.now());
  failure ??= await closeAll(watch === null ? sinks : [watch, ...sinks]);
  await bus.close();
  stop.release();
  endReloads();
  failure ??= unreadLinkType(edge.packetCounters);
  if (failure !== null) throw failure;
  progress.summary(Date.now());
}

async function openSinks(
  options: RunOptions,
  isLive: boolean,
): Promise<{ sinks: EventSink[]; store: AuditStore | null }> {
  const sinks: EventSink[] = [];
  let store: AuditStore | null = null;
  if (options.storeDirectory !== null) {
    const target = { kind: 'embedded', directory: options.storeDirectory } as const;
    // Without a store its client need not be loaded.
    const { AuditStore: Store } = await import('../../processors/store/audit-store.ts');
    store = await Store.open(target, { dangerouslyKeepRaw: options.keepsRaw, marksEachBatch: isLive });
    sinks.push(store);
  }
  const output = new StandardOutput();
  if (options.format === 'ndjson') sinks.push(new NdjsonSink(output, options.keepsRaw));
  if (options.format === 'table') sinks.push(new TableSink(output, process.stdout.columns ?? TERMINAL_COLUMNS));
  return { sinks, store };
}

async function openAlerts(
  { config, storeDirectory }: RunOptions,
  store: AuditStore,
  say: (sentence: string) => void,
): Promise<EmbeddedAlerts | null> {
  if (storeDirectory === null || config.alerts.sinks.length === 0) return null;
  const { EmbeddedAlerts: Alerts } = await import('../alerts/embedded-alerts.ts');
  return Alerts.open(config, storeDirectory, store, say);
}

function ledgerParts(
  { watcher, origin }: EmbeddedWatch,
  store: AuditStore,
  edge: Edge,
  sources: readonly PacketSource[],
): EmbeddedLedgerParts {
  const dropped = (where: 'droppedByKernel' | 'droppedByInterface') =>
    sources.reduce((sum, source) => sum + (source.counters()[where] ?? 0), 0);
  return {
    store,
    origin,
    servers: () => [...watcher.servers.keys()],
    totals: () => ({
      tcp: edge.tcpCounters,
      framer: edge.framerCounters,
      droppedByKernel: dropped('droppedByKernel'),
      droppedByInterface: dropped('droppedByInterface'),
    }),
  };
}

async function openWatch(asked: WatchOptions, store: AuditStore | null): Promise<EmbeddedWatch> {
  const { EmbeddedWatch: Watch } = await import('./embedded-watch.ts');
  const watch = new Watch(asked, store, (sentence) => process.stderr.write(`sqltrail: ${visibleText(sentence)}\n`));
  await watch.start();
  return watch;
}

/** Closes every one, also where one fails; returns the first failure, or null. */
async function closeAll(sinks: readonly Pick<EventSink, 'close'>[]): Promise<unknown> {
  let failure: unknown = null;
  for (const sink of sinks) {
    try {
      await sink.close();
    } catch (error) {
      failure ??= error;
    }
  }
  return failure;
}
