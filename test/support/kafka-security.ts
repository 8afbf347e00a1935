import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './packages.ts';

/** TLS, logins and rights of a broker's second listener. */
export interface KafkaSecurity {
  /** Passwords by user name, for PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. Without an ACL of their own they may do nothing. */
  readonly users: Readonly<Record<string, string>>;
  /** Its certificate ended yesterday. */
  readonly hasExpiredCertificate?: boolean;
  /** PEM of whoever signs the certificates that it asks of its clients; without it it asks for none. */
  readonly clientAuthority?: string;
}

/** Makes what the broker needs into its folder. */
export function securityFiles(
  folder: string,
  security: KafkaSecurity,
): { properties: Record<string, string>; formatArguments: string[] } {
  const { key, certificate } = certificateFor(folder, security.hasExpiredCertificate ?? false);
  const keystore = join(folder, 'keystore.pem');
  writeFileSync(keystore, `${readFileSync(key, 'utf8')}${readFileSync(certificate, 'utf8')}`);
  const login = (mechanism: string) => [
    `listener.name.sasl_ssl.${mechanism}.sasl.jaas.config`,
    'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  ];
  const plainUsers = Object.entries(security.users).map(([name, password]) => `user_${name}="${password}"`);
  const authority = join(folder, 'client-authority.pem');
  if (security.clientAuthority !== undefined) writeFileSync(authority, security.clientAuthority);
  return {
    properties: {
      ...(security.clientAuthority !== undefined && {
        'listener.name.sasl_ssl.ssl.client.auth': 'required',
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': authority,
      }),
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keystore,
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${plainUsers.join(' ')};`,
      ...Object.fromEntries([login('scram-sha-256'), login('scram-sha-512')]),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
    formatArguments: Object.entries(security.users).flatMap(([name, password]) =>
      ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
        '--add-scram',
        `${mechanism}=[name=${name},password=${password}]`,
      ]),
    ),
  };
}

/** A key and its self-signed certificate for 127.0.0.1 and localhost, which is also what a client's `ca` must hold. */
export function certificateFor(folder: string, isExpired = false): { key: string; certificate: string } {
  ensureInstalled('openssl');
  const [key, request, certificate] = [join(folder, 'key.pem'), join(folder, 'request.pem'), join(folder, 'cert.pem')];
  const extensions = join(folder, 'extensions');
  writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', request, '-subj', '/CN=localhost');
  const days = isExpired ? '-1' : '2';
  openssl('x509', '-req', '-in', request, '-signkey', key, '-out', certificate, '-days', days, '-extfile', extensions);
  return { key, certificate };
}
