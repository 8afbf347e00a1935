import { z } from 'zod';

const BROKER = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):[0-9]{1,5}$/;

function isBroker(text: string): boolean {
  const port = Number(text.slice(text.lastIndexOf(':') + 1));
  return BROKER.test(text) && port >= 1 && port <= 65_535;
}

/** A secret: shown by nothing. Each has a sibling that names a file instead. */
const secret = (description: string) => z.string().max(4096).meta({ description, writeOnly: true });
const path = (description: string) => z.string().min(1).max(4096).describe(description);

const kafkaTls = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Whether connections to the brokers use TLS. Without it SQL crosses the network in the clear.'),
  ca_file: path(
    "PEM file of the authority that signed the brokers' certificates; without it the system's authorities.",
  ).optional(),
  cert_file: path("PEM file of the client's certificate, where brokers ask for one; needs `key_file`.").optional(),
  key_file: path("PEM file of the client's key.").optional(),
  server_name: z
    .string()
    .min(1)
    .optional()
    .describe("Name that the brokers' certificates must carry, where it is not the one in `brokers`."),
});

const sasl = z.strictObject({
  mechanism: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe(
      'How to log in to the brokers; without it there is no login. `plain` sends the password: use it with TLS only.',
    ),
  username: z.string().min(1).optional().describe('User of the login.'),
  password: secret('Password of the login.').optional(),
  password_file: path('File that holds the password; a newline at its end is not part of it.').optional(),
});

export const kafkaSection = z.strictObject({
  brokers: z
    .array(z.string().refine(isBroker, 'must be HOST:PORT'))
    .max(100)
    .default([])
    .describe(
      'Brokers to start from, as HOST:PORT; the rest of the cluster is found by them. Services need at least one.',
    ),
  client_id: z
    .string()
    .regex(/^[\w.-]{1,200}$/, 'must be letters, digits, dots, dashes and underscores, at most 200')
    .default('sqltrail')
    .describe("Name under which the brokers' logs and quotas know this client."),
  tls: kafkaTls.prefault({}).describe('Encryption of the connections to the brokers.'),
  sasl: sasl.prefault({}).describe('Login to the brokers.'),
});

const clickhouseTls = z.strictObject({
  ca_file: path(
    "PEM file of the authority that signed the server's certificate; without it the system's authorities.",
  ).optional(),
  cert_file: path(
    "PEM file of the client's certificate, where the server asks for one; needs `key_file` and `ca_file`.",
  ).optional(),
  key_file: path("PEM file of the client's key.").optional(),
});

const days = (what: string, count: number) =>
  z
    .int()
    .min(0)
    .max(36_500)
    .default(count)
    .describe(`Days that ${what} are kept by ClickHouse, which then deletes them. 0: for ever.`);

export const clickhouseSection = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an address like http://HOST:8123 or https://HOST:8443/DATABASE' })
    .optional()
    .describe(
      'Address over HTTP, with the database as its path; https:// for TLS. Without it `query` asks the embedded store.',
    ),
  user: z.string().min(1).optional().describe('User of the server. Without it the one in `url`, else `default`.'),
  password: secret('Password of the user.').optional(),
  password_file: path('File that holds the password; a newline at its end is not part of it.').optional(),
  tls: clickhouseTls.prefault({}).describe('Certificates, where `url` begins with https://.'),
  cluster: z
    .string()
    .regex(/^[A-Za-z_][\w.-]{0,127}$/, 'must be a plain name')
    .optional()
    .describe('Cluster on which `migrate` makes tables (ON CLUSTER); without it on the one server.'),
  is_replicated: z
    .boolean()
    .default(false)
    .describe('Whether `migrate` makes Replicated tables: rows then survive the loss of a server of the cluster.'),
  retention_days: z
    .strictObject({
      audit: days('audit events', 365),
      losses: days('rows of `losses`', 730),
      ledger: days('rows of the ledger', 730),
      rollup: days('rows per minute, digest, user and server', 730),
      findings: days('findings', 730),
    })
    .prefault({})
    .describe('How long rows are kept. PCI DSS asks for a year of audit trail.'),
  batch: z
    .strictObject({
      rows: z
        .int()
        .min(1)
        .max(65_536)
        .default(40_000)
        .describe('Rows after which a batch is written; at most 65,536, which is what the store puts into a block.'),
      bytes: z
        .int()
        .min(65_536)
        .max(268_435_456)
        .default(16_777_216)
        .describe('Bytes after which a batch is written; two of them are held in memory.'),
      age_ms: z
        .int()
        .min(10)
        .max(60_000)
        .default(1000)
        .describe('Milliseconds after which a batch is written, however small: how late a row may be seen.'),
    })
    .prefault({})
    .describe('When a batch is written; the first bound that is reached decides.'),
  insert_timeout_ms: z
    .int()
    .min(1000)
    .max(600_000)
    .default(30_000)
    .describe(
      'Milliseconds after which an insert without an answer is sent again, under the same token: more where ClickHouse takes longer for a batch.',
    ),
});
