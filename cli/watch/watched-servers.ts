import type { MysqlTls } from '../../processors/watch/mysql-connection.ts';
import type { WatchedServer } from '../../processors/watch/watcher.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { canonicalAddress } from '../../schemas/canonical-address.ts';
import type { Config } from '../config/config-schema.ts';
import { readPem } from '../config/read-pem.ts';
import { readSecret } from '../config/secret-files.ts';

/**
 * The servers that the configuration names, their secrets read.
 *
 * @param warn Told where everyone on the host may read a password.
 * @throws SqltrailError `config_invalid` where a file cannot be read, a mapping makes no sense or an id comes twice.
 */
export function watchedServers({ watch }: Config, warn: (sentence: string) => void): WatchedServer[] {
  const seen = new Set<string>();
  return watch.servers.map((server, place) => {
    const path = `watch.servers[${place}]`;
    if (seen.has(server.id)) throw invalid(`${path}.id is the id of another server too.`);
    seen.add(server.id);
    return {
      names: { serverId: server.id, addresses: server.addresses.map(endpoint), port: server.port },
      mysql: {
        host: server.host,
        port: server.port,
        user: server.user,
        password: server.password_file === undefined ? '' : readSecret(server.password_file, warn),
        tls: server.tls === undefined ? undefined : tlsOf(server.tls, path),
        connectTimeoutMs: watch.connect_timeout_s * 1000,
      },
      clientAddresses: new Map(
        server.client_addresses.map((mapping, i) => mappingOf(mapping, `${path}.client_addresses[${i}]`)),
      ),
    };
  });
}

/** As captures write it. */
function endpoint(text: string): string {
  const at = text.lastIndexOf(':');
  const address = canonicalAddress(text.slice(0, at)) ?? text.slice(0, at);
  const port = Number(text.slice(at + 1));
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function mappingOf(text: string, path: string): [host: string, address: string] {
  const at = text.indexOf('=');
  const address = canonicalAddress(text.slice(at + 1));
  if (address === null) throw invalid(`${path} names no IP address.`);
  return [text.slice(0, at), address];
}

type TlsSettings = NonNullable<Config['watch']['servers'][number]['tls']>;

function tlsOf(tls: TlsSettings, path: string): MysqlTls {
  if ((tls.cert_file === undefined) !== (tls.key_file === undefined))
    throw invalid(`${path}.tls needs both cert_file and key_file, or neither.`);
  const pem = (key: string, file: string | undefined) =>
    file === undefined ? undefined : readPem(`${path}.tls.${key}`, file);
  return {
    ca: pem('ca_file', tls.ca_file),
    cert: pem('cert_file', tls.cert_file),
    key: pem('key_file', tls.key_file),
    serverName: tls.server_name,
  };
}

function invalid(message: string): SqltrailError {
  return new SqltrailError('config_invalid', message, 'Correct it; docs/configuration.md has every key.');
}
