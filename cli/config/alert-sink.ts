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
 * @param warn Told where everyone on the host, or on the way to the receiver, may read a secret.
 * @throws SqltrailError `config_invalid` naming the file.
 */
export function alertSink(settings: SinkSettings, place: string, warn: (sentence: string) => void): AlertSink {
  const secret = (file: string | undefined) => (file === undefined ? undefined : readSecret(file, warn));
  const ca =
    'ca_file' in settings && settings.ca_file !== undefined ? readPem(`${place}.ca_file`, settings.ca_file) : undefined;
  const inTheClear = (what: string, cure: string) =>
    warn(`The ${what} of ${place} crosses the network in the clear: ${cure} would stop that.`);
  const sentTo = (url: string, hasSecret: boolean, what: string) => {
    const { protocol, hostname: host } = new URL(url);
    if (hasSecret && protocol === 'http:' && !isLoopback(host)) inTheClear(what, 'an address with https://');
    return url;
  };
  switch (settings.kind) {
    case 'webhook': {
      const { url, url_file: file, secret_file, authorization_file: login } = settings;
      return new WebhookSink({
        // That one of them is there has been checked when the configuration was loaded.
        url: sentTo(url ?? addressOf(file!, warn), login !== undefined, 'header Authorization'),
        secret: secret(secret_file),
        authorization: secret(login),
        ca,
      });
    }
    case 'slack':
      return new SlackSink({ url: sentTo(addressOf(settings.url_file, warn), true, 'secret address'), ca });
    case 'alertmanager':
      sentTo(settings.url, settings.authorization_file !== undefined, 'header Authorization');
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
      if (settings.user !== undefined && settings.encryption === 'none' && !isLoopback(settings.host))
        inTheClear('password', 'encryption: starttls or tls');
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

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.[\d.]+|\[?::1\]?)$/.test(host);
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
