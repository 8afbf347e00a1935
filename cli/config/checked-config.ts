import { yamlValue } from '../../runtime/yaml.ts';
import { alertSink } from './alert-sink.ts';
import { clickhouseTarget } from './clickhouse-target.ts';
import { type ConfigField, configFields } from './config-fields.ts';
import type { Origin } from './config-layers.ts';
import type { Environment } from './environment-overlay.ts';
import { kafkaOptions } from './kafka-options.ts';
import { explainConfig, type LoadedConfig } from './load-config.ts';
import { maskingPolicy } from './masking-policy.ts';
import { readPem } from './read-pem.ts';

const HIDDEN = '(hidden)';
const COMMENT_COLUMN = 56;

/**
 * The settings that are in force, as YAML with a comment on each that tells where it comes from; secrets hidden. The files they
 * name have been read.
 *
 * @throws SqltrailError `config_invalid`.
 */
export function checkedConfig(
  path: string | undefined,
  environment: Environment,
): { readonly text: string; readonly warnings: readonly string[] } {
  const loaded = explainConfig(path, environment);
  const { kafka, clickhouse } = loaded.config;
  if (kafka.brokers.length > 0) kafkaOptions(loaded.config);
  if (clickhouse.url !== undefined) clickhouseTarget(loaded.config);
  for (const [key, file] of Object.entries(clickhouse.tls)) {
    if (file !== undefined) readPem(`clickhouse.tls.${key}`, file);
  }
  const warnings = [...loaded.warnings];
  maskingPolicy(loaded.config, (sentence) => warnings.push(sentence));
  for (const [at, sink] of loaded.config.alerts.sinks.entries())
    alertSink(sink, `alerts.sinks[${at}]`, (sentence) => warnings.push(sentence));
  return { text: yamlOf(loaded, path), warnings };
}

function yamlOf(loaded: LoadedConfig, path: string | undefined): string {
  const lines: string[] = [];
  let before: readonly string[] = [];
  for (const field of configFields()) {
    const keys = field.path.split('.');
    const sections = keys.slice(0, -1);
    let shared = 0;
    while (shared < sections.length && sections[shared] === before[shared]) shared++;
    for (let depth = shared; depth < sections.length; depth++) lines.push(`${'  '.repeat(depth)}${sections[depth]}:`);
    before = sections;
    const value = shownValue(field, valueAt(loaded.config, keys));
    const line = `${'  '.repeat(sections.length)}${keys.at(-1)}:${value === undefined ? '' : ` ${yamlValue(value)}`}`;
    lines.push(`${line.padEnd(COMMENT_COLUMN)} # ${commentOf(field, value, loaded, path)}`);
  }
  return `${lines.join('\n')}\n`;
}

function valueAt(config: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((section, key) => (section as Record<string, unknown> | undefined)?.[key], config);
}

function shownValue(field: ConfigField, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (field.isSecret) return HIDDEN;
  if (field.path !== 'clickhouse.url') return value;
  const url = new URL(String(value));
  if (url.password === '' && url.search === '') return value;
  if (url.password !== '') url.password = 'hidden';
  if (url.search !== '') url.search = 'hidden';
  return url.href;
}

function commentOf(
  field: ConfigField,
  value: unknown,
  { config, originOf }: LoadedConfig,
  path: string | undefined,
): string {
  if (value === undefined) return 'not set';
  const isFromSecretFile = field.isSecret && valueAt(config, `${field.path}_file`.split('.')) !== undefined;
  return isFromSecretFile ? 'read from password_file' : originText(originOf(field.path), path);
}

function originText(origin: Origin, path: string | undefined): string {
  switch (origin.kind) {
    case 'file':
      // In quotes, because a path may hold anything.
      return `${yamlValue(path)}, line ${origin.line}`;
    case 'environment':
      return `environment: ${origin.variable}`;
    case 'flag':
      return 'command line';
    case 'default':
      return 'default';
  }
}
