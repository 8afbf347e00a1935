import { z } from 'zod';

const MAX_NAME_BYTES = 255;
const name = () =>
  z
    .string()
    .min(1)
    .refine(
      (text) => Buffer.byteLength(text) <= MAX_NAME_BYTES && !/\p{Cc}/u.test(text),
      `must be at most ${MAX_NAME_BYTES} bytes without control characters`,
    );

export const edgeSection = z.strictObject({
  id: name()
    .optional()
    .describe('Name of this edge in the ledger, unique among all edges. Without it the name of the host.'),
  server_id: name()
    .optional()
    .describe('Name of the MySQL server in every event. Without it each server is named by its address and port.'),
  interface: z.string().min(1).max(255).optional().describe('Network interface to capture on.'),
  ports: z
    .array(z.int().min(1).max(65_535))
    .min(1)
    .max(64)
    .default([3306])
    .describe('TCP ports of MySQL servers. Packets of other ports are not looked at.'),
  capture: z
    .enum(['cap', 'tcpdump'])
    .optional()
    .describe('Way of live capture. Without it the better one that is available.'),
  is_mirrored: z
    .boolean()
    .default(false)
    .describe(
      'Whether to open tunnels (VXLAN, GENEVE, GRE, ERSPAN, IP in IP) of traffic that is mirrored to this host.',
    ),
  linger_ms: z
    .int()
    .min(0)
    .max(1000)
    .default(100)
    .describe('Milliseconds that messages wait for others to share a record with: more costs delay and saves CPU.'),
  sample_share: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe(
      'Share of connections that are recorded, 0 to 1, chosen by connection; the others are counted as sampled out.',
    ),
  spool: z
    .strictObject({
      directory: z
        .string()
        .min(1)
        .max(4096)
        .optional()
        .describe(
          'Directory for what Kafka does not take; holds unmasked SQL. Without it, what does not fit into memory is lost and counted.',
        ),
      max_bytes: z
        .int()
        .min(1_048_576)
        .default(1_073_741_824)
        .describe('Bytes the spool may take. Beyond it messages are lost and counted as spool overflow.'),
    })
    .prefault({})
    .describe('Where batches wait on disk while Kafka is away.'),
  limits: z
    .strictObject({
      cpu_cores: z
        .number()
        .min(0.05)
        .max(256)
        .default(1)
        .describe('Cores the edge may use. Above it whole connections are shed, and counted.'),
      memory_bytes: z
        .int()
        .min(100_000_000)
        .default(314_572_800)
        .describe('Bytes of memory the edge may use. Above it whole connections are shed, and counted.'),
    })
    .prefault({})
    .describe('What the edge may take from its host.'),
});

export const processSection = z.strictObject({
  identifies_apart: z
    .boolean()
    .default(false)
    .describe(
      'Whether another process runs identify alone (--stages identify): one that begins with mask then reads mysql.after-identify.v1 instead of mysql.after-decode.v1.',
    ),
  detects_apart: z
    .boolean()
    .default(false)
    .describe(
      'Whether another process runs detect (--stages detect): one that ends in mask then hands its events to it, on mysql.after-mask.v1, instead of writing the audit topic.',
    ),
  stages: z
    .array(z.enum(['decode', 'identify', 'mask', 'detect', 'store', 'alert']))
    .min(1)
    .max(6)
    .default(['decode', 'identify', 'mask', 'detect'])
    .describe(
      'Stages of this process: ones that follow each other in the chain decode, identify, mask, detect, store, of which identify and detect may be left out; or alert alone.',
    ),
  commit_ms: z
    .int()
    .min(50)
    .max(60_000)
    .default(1000)
    .describe('Milliseconds between commits: the work that is done again after a crash.'),
});

export const storeSection = z.strictObject({
  directory: z
    .string()
    .min(1)
    .max(4096)
    .default('./sqltrail-data')
    .describe(
      'Directory of the embedded store; `none`: `run` stores nothing. `query` asks the server instead where `clickhouse.url` is set.',
    ),
});

const hours = (what: string, count: number) =>
  z.int().min(1).max(87_600).default(count).describe(`Hours that Kafka keeps ${what}.`);

const principal = (whose: string) =>
  z
    .string()
    .regex(/^[A-Za-z]+:[^\p{Cc}]{1,255}$/u, 'must be a principal, as User:sqltrail')
    .optional()
    .describe(`Kafka principal of ${whose}, as User:NAME. Without it no rights are given to them.`);

export const topicsSection = z.strictObject({
  partitions: z
    .int()
    .min(1)
    .max(1000)
    .default(12)
    .describe('Partitions of each topic: the most processes that can share the work. Fixed once the topics exist.'),
  replication_factor: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('Brokers that keep each record. 1 loses records with a broker: only for trials.'),
  raw_retention_hours: hours('raw messages, the only topic with unmasked SQL, and those between stages', 24),
  audit_retention_hours: hours('masked audit events', 168),
  ledger_retention_hours: hours('the ledger', 168),
  dead_letter_retention_hours: hours('dead letters', 336),
  principals: z
    .strictObject({
      edge: principal('edges'),
      process: principal('processes without the stage store'),
      store: principal('processes with the stage store'),
      alert: principal('the stage alert'),
      watch: principal('watchers'),
    })
    .prefault({})
    .describe('Whom `topics apply` gives rights on topics and groups, by exact name. Brokers need an authorizer.'),
});
