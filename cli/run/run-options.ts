import type { MaskingPolicy } from '../../processors/mask/masking-policy.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { type CaptureArguments, type CaptureOptions, captureOptions } from '../capture/capture-options.ts';
import type { Config } from '../config/config-schema.ts';
import { maskingPolicy } from '../config/masking-policy.ts';

/** As commander gives them. */
export interface RunArguments extends CaptureArguments {
  store?: string;
  format?: OutputFormat;
  dangerouslyKeepRaw: boolean;
}

export type OutputFormat = 'none' | 'table' | 'ndjson';

export interface RunOptions extends CaptureOptions {
  /** Null: nothing is stored. */
  readonly storeDirectory: string | null;
  readonly format: OutputFormat;
  readonly keepsRaw: boolean;
  /** Null: every literal is masked, no event dropped. */
  readonly maskingPolicy: MaskingPolicy | null;
  /** For what a run reads again while it goes on: rules and suppressions. */
  readonly config: Config;
}

/**
 * What a run does: its flags, and the configuration for what they leave open.
 *
 * @throws SqltrailError `usage` with the option that is wrong, `config_invalid` where a key of the masking policy cannot be read.
 */
export function runOptions(args: RunArguments, config: Config): RunOptions {
  const directory = args.store ?? config.store.directory;
  const format = args.format ?? (process.stdout.isTTY ? 'table' : 'none');
  if (format !== 'none' && directory !== 'none' && config.alerts.sinks.some(({ kind }) => kind === 'stdout'))
    throw new SqltrailError(
      'usage',
      'Events and alerts cannot both go to standard output.',
      'Give --format none, or leave out the alert sink of kind stdout.',
    );
  return {
    ...captureOptions(args, config.edge),
    storeDirectory: directory === 'none' ? null : directory,
    format,
    keepsRaw: args.dangerouslyKeepRaw,
    maskingPolicy: maskingPolicy(config),
    config,
  };
}
