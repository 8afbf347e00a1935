import { hostname } from 'node:os';
import type { KafkaOptions } from '../../bus/kafka-options.ts';
import type { EdgeServiceOptions } from '../../edge/service/edge-service-options.ts';
import { type CaptureArguments, type CaptureOptions, captureOptions } from '../capture/capture-options.ts';
import type { Config } from '../config/config-schema.ts';
import { kafkaOptions } from '../config/kafka-options.ts';
import type { ConfigArguments } from '../options/config-options.ts';

/** As commander gives them. */
export interface EdgeArguments extends CaptureArguments, ConfigArguments {
  edgeId?: string;
  spool?: string;
  sample?: string;
}

type Passed = 'edgeId' | 'lingerMs' | 'sampleShare' | 'spool' | 'limits' | 'drainMs';

/** What an edge does: its capture, where it ships to, and what goes on to the service as it is. */
export interface EdgeOptions extends CaptureOptions, Pick<EdgeServiceOptions, Passed> {
  readonly kafka: KafkaOptions;
}

/** Of the deadline for shutting down, this much is left for what comes after draining, and no more than half. */
const AFTER_DRAINING_MS = 5_000;

/** @throws SqltrailError `usage` or `config_invalid` with the option that is wrong. */
export function edgeOptions(args: EdgeArguments, config: Config): EdgeOptions {
  const { edge } = config;
  const deadlineMs = config.shutdown_deadline_s * 1_000;
  return {
    ...captureOptions(args, edge),
    kafka: kafkaOptions(config),
    edgeId: edge.id ?? hostname(),
    lingerMs: edge.linger_ms,
    sampleShare: edge.sample_share,
    spool:
      edge.spool.directory === undefined ? null : { directory: edge.spool.directory, maxBytes: edge.spool.max_bytes },
    limits: { cpuCores: edge.limits.cpu_cores, memoryBytes: edge.limits.memory_bytes },
    drainMs: Math.max(deadlineMs - AFTER_DRAINING_MS, deadlineMs / 2),
  };
}
