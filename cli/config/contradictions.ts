import type { ConfigProblem } from './config-layers.ts';
import type { Config } from './config-schema.ts';

/** Settings that are right by themselves and wrong together. */
export function contradictions(config: Config): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const say = (path: string, message: string) => problems.push({ path, message });
  const { kafka, clickhouse } = config;

  const { mechanism, username, password, password_file: passwordFile } = kafka.sasl;
  if (mechanism === undefined) {
    const given = Object.entries({ username, password, password_file: passwordFile }).find(
      ([, value]) => value !== undefined,
    );
    if (given !== undefined)
      say(`kafka.sasl.${given[0]}`, 'is set, but kafka.sasl.mechanism is not: nobody would log in');
  } else {
    if (username === undefined) say('kafka.sasl.username', `is missing: ${mechanism} logs in with a user`);
    if (password === undefined && passwordFile === undefined)
      say(
        'kafka.sasl.password_file',
        `is missing: ${mechanism} logs in with a password, from it or from kafka.sasl.password`,
      );
  }
  for (const [section, values] of [
    ['kafka.sasl', kafka.sasl],
    ['clickhouse', clickhouse],
  ] as const) {
    if (values.password !== undefined && values.password_file !== undefined)
      say(`${section}.password_file`, `is set, and ${section}.password is too: give one of them`);
  }

  if (!kafka.tls.enabled) {
    const { enabled: _, ...files } = kafka.tls;
    const [given] = Object.keys(files);
    if (given !== undefined)
      say(`kafka.tls.${given}`, 'is set, but kafka.tls.enabled is not true: nothing would be encrypted');
  }
  const [clickhouseFile] = Object.keys(clickhouse.tls);
  if (clickhouseFile !== undefined && clickhouse.url?.startsWith('https:') !== true)
    say(`clickhouse.tls.${clickhouseFile}`, 'is set, but clickhouse.url does not begin with https://');
  for (const [section, { cert_file: certificate, key_file: key }] of [
    ['kafka.tls', kafka.tls],
    ['clickhouse.tls', clickhouse.tls],
  ] as const) {
    if (certificate !== undefined && key === undefined)
      say(`${section}.key_file`, `is missing: ${section}.cert_file needs it`);
    if (key !== undefined && certificate === undefined)
      say(`${section}.cert_file`, `is missing: ${section}.key_file needs it`);
  }
  if (clickhouse.tls.cert_file !== undefined && clickhouse.tls.ca_file === undefined)
    say('clickhouse.tls.ca_file', 'is missing: clickhouse.tls.cert_file needs it');
  return problems;
}
