import { setInterval } from 'node:timers';
import { Detect } from '../../processors/detect/detect.ts';
import { FeatureReader } from '../../processors/detect/features/feature-reader.ts';
import { EventSteps } from '../../processors/event-steps.ts';
import { IdentifyPartitions } from '../../processors/identify/identify-partitions.ts';
import { SessionReader } from '../../processors/identify/session-reader.ts';
import { SessionTable } from '../../processors/identify/session-table.ts';
import { Mask } from '../../processors/mask/mask.ts';
import { Outputs } from '../../processors/service/outputs.ts';
import { stageChain } from '../../processors/service/stage-chain.ts';
import { StageMember } from '../../processors/service/stage-member.ts';
import { AuditStore } from '../../processors/store/audit-store.ts';
import { aborted } from '../../runtime/aborted.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { failureFields } from '../../runtime/failure-fields.ts';
import { type Service, startService } from '../../runtime/service.ts';
import { clickhouseTarget } from '../config/clickhouse-target.ts';
import type { Config } from '../config/config-schema.ts';
import { kafkaOptions } from '../config/kafka-options.ts';
import { maskingPolicy } from '../config/masking-policy.ts';
import { serviceOptions } from '../config/service-options.ts';
import { loadDetection } from '../detection/load-detection.ts';
import { type ReloadListener, reloadOnHangup } from '../detection/reload-on-hangup.ts';
import { serviceBus } from '../service-bus.ts';
import { detectMetrics } from './detect-metrics.ts';
import { identifyMetrics } from './identify-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { scheduledDetections } from './scheduled-detections.ts';

const TICK_MS = 200;
const ROLLUP_MS = 10_000;

/** The service: resolves when a signal has ended it and what it had in hand is committed. */
export async function runProcess(config: Config): Promise<void> {
  const chain = stageChain(config.process.stages, config.process.detects_apart, config.process.identifies_apart);
  if (chain.stages[0] === 'alert') {
    // Its sinks' libraries are no burden to the others.
    const { runAlert } = await import('../alerts/run-alert.ts');
    return runAlert(config, chain);
  }
  const kafka = kafkaOptions(config);
  // Beside the stage store it is for the scheduled detections.
  const judging = chain.stages.includes('detect') || chain.output === null ? await detectStep(config) : null;
  const detect = chain.stages.includes('detect') ? judging : null;
  const identify = chain.stages.includes('identify') ? new IdentifyPartitions(new SessionTable()) : null;
  const masks = chain.stages.includes('mask');
  // Whoever masks looks for what masking hides, for a detect here or behind it.
  const features = masks && (detect !== null || config.process.detects_apart) ? new FeatureReader() : null;
  const steps = new EventSteps({
    ...(identify !== null && { identify }),
    ...(masks && { mask: new Mask(maskingPolicy(config), features) }),
    ...(detect !== null && { detect }),
  });
  const target = chain.output === null ? clickhouseTarget(config) : null;
  const service = await startService(serviceOptions('process', config));
  const { log, stopSignal } = service;
  detectMetrics(service, detect, features);
  const endReloads = judging === null ? () => {} : reloadOnHangup(judging, config, reloadListener(service));
  const bus = serviceBus(service, kafka, config.process.commit_ms);
  let member: StageMember | null = null;
  let failure: unknown = null;
  const fail = (error: unknown) => {
    failure ??= error;
    service.stop('A failure that will not pass.');
  };
  let store: AuditStore | null = null;
  let timers: NodeJS.Timeout[] = [];
  let sessions: SessionReader | null = null;
  const start = async () => {
    if (target !== null) {
      store = await AuditStore.open(target, {
        batchRows: config.clickhouse.batch.rows,
        batchBytes: config.clickhouse.batch.bytes,
        batchAgeMs: config.clickhouse.batch.age_ms,
        untilAborted: stopSignal,
        onRejected: (row, engineCode) => member?.rejected(row, engineCode),
        onTrouble: (trouble) => {
          if (trouble.kind === 'recovered') log.info('ClickHouse takes rows again.', { attempts: trouble.attempts });
          else if (trouble.attempt === 1) log.warn(trouble.error.message, { cure: trouble.error.cure });
        },
      });
      timers = storeTimers(store, service);
    }
    const outputs = await Outputs.open(bus, chain, store);
    member = new StageMember(bus, { chain, outputs, steps, detect, identify, nowMs: Date.now, fail }, store);
    processMetrics(service, { chain, member, outputs, store });
    if (store !== null && judging !== null) {
      const detecting = scheduledDetections({ store, member, outputs, judging }, service);
      if (detecting !== null) timers.push(detecting);
    }
    if (identify !== null) {
      sessions = new SessionReader(bus, identify.table);
      identifyMetrics(service, identify, sessions);
      await sessions.start(fail);
    }
    await bus.subscribe(member.topics, chain.group, member);
    log.info('The stages are running.', { stages: chain.stages.join(','), group: chain.group });
    return store;
  };
  const starting = start().catch((error: unknown) => {
    // What the end cut off is no failure.
    if (!stopSignal.aborted) fail(error);
    return store;
  });
  await aborted(stopSignal);
  // Leaves the group, and ends the waiting for brokers that have never answered.
  await bus.close();
  const opened = await starting;
  await (sessions as SessionReader | null)?.close();
  for (const timer of timers) clearInterval(timer);
  // What is not committed comes again: with the store failing there is nothing to wait for.
  await opened?.close().catch((error: unknown) => {
    failure ??= error;
  });
  endReloads();
  await service.end();
  if (failure !== null) throw failure;
}

async function detectStep(config: Config): Promise<Detect> {
  const { rules, suppressions } = await loadDetection(config);
  return new Detect(rules, suppressions);
}

function reloadListener({ log }: Service): ReloadListener {
  return {
    done: (rules) => log.info('The rules were read again.', { rules }),
    failed: (error) => log.warn(`${error.message} The rules before stay in force.`, { cure: error.cure }),
  };
}

function storeTimers(store: AuditStore, { log, ready }: Service): NodeJS.Timeout[] {
  ready(
    'clickhouse',
    () => store.isAvailable,
    () => 'ClickHouse does not take rows.',
  );
  let rolling = false;
  const roll = async () => {
    if (rolling) return;
    rolling = true;
    try {
      await store.updateRollups(ROLLUP_MS / 2);
    } catch (error) {
      // They are due again at the next turn.
      if (!(error instanceof SqltrailError) || !error.retriable) log.warn('Rollups failed.', failureFields(error));
    } finally {
      rolling = false;
    }
  };
  return [setInterval(() => store.tick(Date.now()), TICK_MS), setInterval(() => void roll(), ROLLUP_MS)];
}
