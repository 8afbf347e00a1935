import { z } from 'zod';

const text = (longest: number) => z.string().min(1).max(longest);
const path = (description: string) => text(4096).describe(description);
const ENDPOINT = /^(?:\[[0-9A-Fa-f:.]+\]|[0-9.]+):[0-9]{1,5}$/;
const MAPPING = /^[^=\s]{1,255}=[0-9A-Fa-f:.]{2,45}$/;

const tls = z
  .strictObject({
    ca_file: path(
      "PEM file of the authority that signed the server's certificate; without it the system's authorities.",
    ).optional(),
    cert_file: path(
      "PEM file of the client's certificate, where the server asks for one; needs `key_file`.",
    ).optional(),
    key_file: path("PEM file of the client's key.").optional(),
    server_name: text(255).optional().describe('Name that the certificate must carry, where it is not `host`.'),
  })
  .describe('Certificates of the connection.');

const server = z
  .strictObject({
    id: text(255).describe(
      'Name of the server in the events: `edge.server_id` of its edge, or its address and port as captured.',
    ),
    host: text(255).describe('Name or address at which the watcher reaches it.'),
    port: z.int().min(1).max(65_535).default(3306).describe('Its TCP port.'),
    user: text(80).describe('User of the watcher; needs the right PROCESS and nothing else.'),
    password_file: path('File that holds its password; a newline at its end is not part of it.').optional(),
    tls: tls
      .optional()
      .describe('Encrypts the connection; without it the session is in the clear, though no password is.'),
    addresses: z
      .array(z.string().regex(ENDPOINT, 'must be ADDRESS:PORT'))
      .max(64)
      .default([])
      .describe(
        'Addresses and ports under which captures see it, where `id` and `port` do not tell: port forwards, several servers behind one edge.',
      ),
    client_addresses: z
      .array(z.string().regex(MAPPING, 'must be HOST=ADDRESS'))
      .max(1024)
      .default([])
      .describe(
        'Clients that its process list shows with another host than captures have as address: HOST=ADDRESS. Ports must be the same.',
      ),
  })
  .describe('A server to watch.');

export const watchSection = z.strictObject({
  interval_s: z
    .number()
    .min(1)
    .max(3600)
    .default(10)
    .describe('Seconds between two readings of a process list: how late a user may become known.'),
  query_timeout_s: z
    .number()
    .min(1)
    .max(600)
    .default(45)
    .describe(
      'Seconds that a query may take before the connection is given up. Slow answers count, and are told as faults.',
    ),
  connect_timeout_s: z.number().min(1).max(60).default(5).describe('Seconds that a login may take.'),
  servers: z.array(server).max(1000).default([]).describe('The servers to watch.'),
});
