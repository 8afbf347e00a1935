import { z } from 'zod';
import { maskingPolicySchema } from '../../processors/mask/policy-schema.ts';
import { alertsSection } from './alerts-section.ts';
import { rulesSection } from './rules-section.ts';
import { clickhouseSection, kafkaSection } from './server-sections.ts';
import { edgeSection, processSection, storeSection, topicsSection } from './stage-sections.ts';
import { watchSection } from './watch-section.ts';

const httpSection = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address on which /livez, /readyz and /metrics answer. 0.0.0.0: every interface, as in a container.'),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(9464)
    .describe('TCP port of these. 0: a free one, which is logged. Two services on one host need different ones.'),
});

const logSection = z.strictObject({
  level: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('The least important lines that a service still writes to standard error.'),
});

/**
 * The configuration of every command, as it stands in the file: keys in snake_case, units in their names. The one declaration of
 * types, defaults, meanings (docs/configuration.md) and the JSON Schema (`sqltrail config schema`). Keys it does not know are
 * errors. Fields marked `writeOnly` are secrets and never shown.
 */
export const configSchema = z.strictObject({
  kafka: kafkaSection.prefault({}).describe('The Kafka cluster between edges, processors and store.'),
  clickhouse: clickhouseSection.prefault({}).describe('The ClickHouse server that keeps the audit trail.'),
  edge: edgeSection
    .prefault({})
    .describe('What `sqltrail edge` captures and ships; `sqltrail run` takes what applies to it.'),
  process: processSection.prefault({}).describe('What `sqltrail process` does.'),
  masking: maskingPolicySchema
    .prefault({})
    .describe(
      'What `run` and the stage mask show of literals, and which events they drop: nothing and none by default.',
    ),
  alerts: alertsSection.prefault({}).describe('Which findings become alerts, and where they go.'),
  rules: rulesSection.prefault({}).describe('What `detect` finds: `sqltrail run` and `sqltrail process`.'),
  watch: watchSection
    .prefault({})
    .describe('The servers that `sqltrail watch`, or `run` beside its capture, asks who is connected.'),
  store: storeSection.prefault({}).describe('The embedded store of `sqltrail run` and `sqltrail query`.'),
  topics: topicsSection.prefault({}).describe('What `sqltrail topics apply` makes and checks.'),
  http: httpSection.prefault({}).describe('Health and metrics of the services.'),
  log: logSection.prefault({}).describe('What services log.'),
  shutdown_deadline_s: z
    .number()
    .min(1)
    .max(3600)
    .default(30)
    .describe(
      'Seconds a service may take to finish its work after SIGTERM; then it ends with status 1 and delivery starts where it last committed.',
    ),
});

/** A complete configuration: every default is filled in. */
export type Config = z.infer<typeof configSchema>;
