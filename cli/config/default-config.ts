import type { Config } from './config-schema.ts';

/**
 * What the schema gives where nothing is set; a test holds the two against each other. Written out, because the schema's library
 * takes 80 ms and 14 MiB, which a command that nobody configured need not pay.
 */
export const DEFAULT_CONFIG: Config = {
  kafka: {
    brokers: [],
    client_id: 'sqltrail',
    tls: {
      enabled: false,
    },
    sasl: {},
  },
  clickhouse: {
    tls: {},
    is_replicated: false,
    retention_days: {
      audit: 365,
      losses: 730,
      ledger: 730,
      rollup: 730,
      findings: 730,
    },
    batch: {
      rows: 40_000,
      bytes: 16_777_216,
      age_ms: 1000,
    },
    insert_timeout_ms: 30_000,
  },
  edge: {
    ports: [3306],
    is_mirrored: false,
    linger_ms: 100,
    sample_share: 1,
    spool: {
      max_bytes: 1_073_741_824,
    },
    limits: {
      cpu_cores: 1,
      memory_bytes: 314_572_800,
    },
  },
  process: {
    stages: ['decode', 'identify', 'mask', 'detect'],
    identifies_apart: false,
    detects_apart: false,
    commit_ms: 1000,
  },
  rules: {
    folders: [],
    disable: [],
    override: [],
  },
  masking: {
    keep: [],
    tokens: {
      strings: 'columns',
      columns: [],
      keys: [],
    },
    drop: [],
  },
  alerts: {
    minimum_level: 'medium',
    group_wait_ms: 200,
    group_interval_s: 60,
    throttle_per_minute: 20,
    queue_alerts: 2000,
    timeout_ms: 10_000,
    sinks: [],
  },
  watch: {
    interval_s: 10,
    query_timeout_s: 45,
    connect_timeout_s: 5,
    servers: [],
  },
  store: {
    directory: './sqltrail-data',
  },
  topics: {
    partitions: 12,
    replication_factor: 3,
    raw_retention_hours: 24,
    audit_retention_hours: 168,
    ledger_retention_hours: 168,
    dead_letter_retention_hours: 336,
    principals: {},
  },
  http: {
    host: '127.0.0.1',
    port: 9464,
  },
  log: {
    level: 'info',
  },
  shutdown_deadline_s: 30,
};
