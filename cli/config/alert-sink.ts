import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { AlertSink } from '../../processors/alert/alert-sink.ts';
import { AlertmanagerSink } from '../../processors/alert/sinks/alertmanager-sink.ts';
import { MailSink } from '../../processors/alert/sinks/mail-sink.ts';
import { SlackSink } from '../../processors/alert/sinks/slack-sink.ts';
import { StdoutSink } from '../../processors/alert/sinks/stdout-sink.ts';
import { SyslogSink } from '../../processors/alert/sinks/syslog-sink.ts';
import { WebhookSink } from '../../processors/alert/sinks/webhook-sink.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { packageRoot } from '../../runtime/package-root.ts';
import type { SinkSettings } from './alerts-section.ts';
import { readPem } from './read-pem.ts';
import { readSecret } from './secret-files.ts';

/**
 * The sink that its settings mean, with the secrets and certificates that files hold. Nothing is connected yet.
 *
 * @param place Of the settings, for errors: `alerts.sinks[0]`.
 * @param warn Told where everyone on the host may read a secret.
 * @throws SqltrailError `config_invalid` naming the file.
 */
export function alertSink(settings: SinkSettings, place: string, warn: (sentence: string) => void): AlertSink {
  const secret = (file: string | undefined) => (file === undefined ? undefined : readSecret(file, warn));
  const ca =
    'ca_file' in settings && settings.ca_file !== undefined ? readPem(`${place}.ca_file`, settings.ca_file) : undefined;
  switch (settings.kind) {
    case 'webhook':
      return new WebhookSink({
        // That one of them is there has been checked when the configuration was loaded.
        url: settings.url ?? addressOf(settings.url_file!, warn),
        secret: secret(settings.secret_file),
        authorization: secret(settings.authorization_file),
        ca,
      });
    case 'slack':
      return new SlackSink({ url: addressOf(settings.url_file, warn), ca });
    case 'alertmanager':
      return new AlertmanagerSink({
        url: settings.url,
        authorization: secret(settings.authorization_file),
        ca,
        resolveAfterMs: settings.resolve_after_s * 1000,
      });
    case 'syslog':
      return new SyslogSink({
        protocol: settings.protocol,
        host: settings.host,
        port: settings.port,
        ca,
        maxBytes: settings.max_bytes,
        source: { facility: settings.facility, host: hostname(), processId: process.pid, version: version() },
      });
    case 'mail':
      return new MailSink({
        host: settings.host,
        port: settings.port,
        encryption: settings.encryption,
        ca,
        ...(settings.user !== undefined && {
          login: { user: settings.user, password: secret(settings.password_file) ?? '' },
        }),
        from: settings.from,
        to: settings.to,
      });
    case 'stdout':
      return new StdoutSink();
  }
}

/** @throws SqltrailError `config_invalid` where the file holds no address. */
function addressOf(file: string, warn: (sentence: string) => void): string {
  const url = readSecret(file, warn);
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw new SqltrailError('config_invalid', `The file ${file} holds no address.`, 'Write the address alone into it.');
}

/** Of the product, as in its package. */
function version(): string {
  return String(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version);
}
