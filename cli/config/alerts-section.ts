import { z } from 'zod';

const LEVELS = ['info', 'low', 'medium', 'high', 'critical'] as const;
const path = (description: string) => z.string().min(1).max(4096).describe(description);
const text = (description: string, longest: number) => z.string().min(1).max(longest).describe(description);
const caFile = () =>
  path("PEM file of the authority that signed the receiver's certificate; without it the system's.").optional();
const host = () => text('Name or address of the receiver.', 255);
const port = (usual: number) => z.int().min(1).max(65_535).default(usual).describe('Its TCP or UDP port.');
const httpUrl = () =>
  z
    .url({ protocol: /^https?$/, error: 'must be an address like https://HOST/PATH' })
    .max(2048)
    .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url), 'must not hold a password: authorization_file is for that');
const address = () =>
  z
    .string()
    .max(254)
    .regex(/^[^\s<>@,;:"()[\]\\]+@[^\s<>@,;:"()[\]\\]+$/, 'must be a plain mail address, as soc@example.org');

/** What every sink has. */
const common = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'must be up to 32 lower-case letters, digits, - and _')
    .describe('Its name in metrics, log and state: with another one it starts anew.'),
  minimum_level: z.enum(LEVELS).default('info').describe('Alerts below it do not go to this sink.'),
};

const webhook = z
  .strictObject({
    ...common,
    kind: z.literal('webhook'),
    url: httpUrl().optional().describe('Where alerts are posted to.'),
    url_file: path('File that holds the address instead, where it is a secret.').optional(),
    secret_file: path('File with the secret of the signature; without it bodies are not signed.').optional(),
    authorization_file: path('File with the value of the header Authorization, as `Bearer …`.').optional(),
    ca_file: caFile(),
  })
  .refine(({ url, url_file: file }) => (url === undefined) !== (file === undefined), {
    path: ['url'],
    message: 'or url_file must be given, one of them',
  });

const slack = z.strictObject({
  ...common,
  kind: z.literal('slack'),
  url_file: path('File that holds the address of the incoming webhook: who knows it can write to the channel.'),
  ca_file: caFile(),
});

const alertmanager = z.strictObject({
  ...common,
  kind: z.literal('alertmanager'),
  url: httpUrl().describe('Address of Alertmanager with its route prefix, without /api/v2/alerts.'),
  authorization_file: path('File with the value of the header Authorization, as `Bearer …`.').optional(),
  ca_file: caFile(),
  resolve_after_s: z
    .int()
    .min(60)
    .max(604_800)
    .default(900)
    .describe('Seconds without news after which Alertmanager takes an alert for resolved.'),
});

const syslog = z.strictObject({
  ...common,
  kind: z.literal('syslog'),
  protocol: z.enum(['udp', 'tcp', 'tls']).default('tls').describe('UDP and TCP are in the clear; UDP may lose alerts.'),
  host: host(),
  port: port(6514),
  ca_file: caFile(),
  facility: z.int().min(0).max(23).default(13).describe('Of RFC 5424: 13 is log audit, 10 security, 16 to 23 local.'),
  max_bytes: z
    .int()
    .min(480)
    .max(65_507)
    .default(2048)
    .describe('Of a message: fields that do not fit are left out. What every collector must take is 480.'),
});

const mail = z
  .strictObject({
    ...common,
    kind: z.literal('mail'),
    host: host(),
    port: port(587),
    encryption: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('none: mail crosses the network in the clear.'),
    ca_file: caFile(),
    user: text('User of the login; without it there is none.', 255).optional(),
    password_file: path('File that holds the password of the user.').optional(),
    from: address().describe('Sender.'),
    to: z
      .array(address())
      .min(1)
      .max(20)
      .describe('Recipients. One that is not taken holds up the next alerts of all.'),
  })
  .refine(({ user, password_file: file }) => (user === undefined) === (file === undefined), {
    path: ['password_file'],
    message: 'and user belong together',
  });

const stdout = z.strictObject({ ...common, kind: z.literal('stdout') });

/** One place where alerts go. */
const sinkSection = z
  .discriminatedUnion('kind', [
    webhook.describe('Posts alerts as JSON.'),
    slack.describe('Posts alerts to an incoming webhook of Slack.'),
    alertmanager.describe('Posts alerts to Prometheus Alertmanager.'),
    syslog.describe('Sends RFC 5424 messages with CEF in them.'),
    mail.describe('Sends alerts as mail.'),
    stdout.describe('Writes alerts to standard output, a line of JSON each.'),
  ])
  .describe('A sink, by its kind.');
export type SinkSettings = z.infer<typeof sinkSection>;

/** Section `alerts` of the configuration. */
export const alertsSection = z.strictObject({
  minimum_level: z.enum(LEVELS).default('medium').describe('Findings below it give no alert.'),
  group_wait_ms: z
    .int()
    .min(0)
    .max(60_000)
    .default(200)
    .describe(
      'Milliseconds that the first finding of an account, client, server and hour waits for others to share its alert.',
    ),
  group_interval_s: z
    .int()
    .min(0)
    .max(86_400)
    .default(60)
    .describe('Seconds that further findings of these wait after an alert, unless they are graver than all before.'),
  throttle_per_minute: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe('Alerts a sink gets in a minute. The rest of the minute is one summary.'),
  queue_alerts: z
    .int()
    .min(10)
    .max(100_000)
    .default(2000)
    .describe('Alerts that wait for a sink that is down; what is beyond is one summary.'),
  timeout_ms: z.int().min(100).max(120_000).default(10_000).describe('Milliseconds a sink may take for an alert.'),
  url_template: z
    .string()
    .max(2048)
    .regex(/^https?:\/\/[^\s]+$/, 'must be an address that begins with https:// or http://')
    .optional()
    .describe('Address of the investigation, with fields of the alert in braces, as https://siem/?user={user_name}.'),
  sinks: z
    .array(sinkSection)
    .max(16)
    .default([])
    .refine((sinks) => new Set(sinks.map(({ name }) => name)).size === sinks.length, 'names of sinks must differ')
    .describe('Where alerts go; docs/alerts.md has the keys of each kind. Without one there are no alerts.'),
});
