import { Option } from 'commander';
import type { Config } from '../config/config-schema.ts';
import { DEFAULT_CONFIG } from '../config/default-config.ts';
import { type Environment, WELL_KNOWN_VARIABLES } from '../config/environment-overlay.ts';
import type { Overrides } from '../config/load-config.ts';

/** What commander gives for the options of this module. */
export interface ConfigArguments {
  readonly config?: string;
  readonly brokers?: string;
  readonly clickhouseUrl?: string;
}

/** `--config FILE`, for every command. */
export function configOption(): Option {
  return new Option('--config <file>', 'YAML file of settings; see `sqltrail config schema`').env('SQLTRAIL_CONFIG');
}

/** `--brokers HOST:PORT,…`, for commands that need Kafka. */
export function brokersOption(): Option {
  return new Option('--brokers <list>', 'Kafka brokers, as HOST:PORT,HOST:PORT');
}

/** `--clickhouse-url URL`, for commands that need ClickHouse. */
export function clickhouseUrlOption(): Option {
  return new Option(
    '--clickhouse-url <url>',
    'ClickHouse server; its user and password come from configuration or environment',
  );
}

/**
 * The configuration that a command line means: its flags over the environment over its file.
 *
 * @param more Further flags of the command, by the setting they stand for (`edge.interface`); undefined: not given.
 * @throws SqltrailError `config_invalid`.
 */
export async function configFrom(options: ConfigArguments, more: Overrides = {}): Promise<Config> {
  const flags: Overrides = { 'kafka.brokers': options.brokers, 'clickhouse.url': options.clickhouseUrl, ...more };
  const isSet = options.config !== undefined || Object.values(flags).some((text) => text !== undefined);
  if (!isSet && !mayConfigure(process.env)) return structuredClone(DEFAULT_CONFIG);
  const { loadConfig } = await import('../config/load-config.ts');
  return loadConfig(options.config, process.env, flags);
}

/** Whether a variable is there that means a setting, or is a mistyped one. */
function mayConfigure(environment: Environment): boolean {
  return Object.keys(environment).some((name) => name.startsWith('SQLTRAIL_') || name in WELL_KNOWN_VARIABLES);
}
