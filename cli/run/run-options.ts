import { type CaptureArguments, type CaptureOptions, captureOptions } from '../capture/capture-options.ts';
import type { Config } from '../config/config-schema.ts';

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
}

/**
 * What a run does: its flags, and the configuration for what they leave open.
 *
 * @throws SqltrailError `usage` with the option that is wrong.
 */
export function runOptions(args: RunArguments, { edge, store }: Config): RunOptions {
  const directory = args.store ?? store.directory;
  return {
    ...captureOptions(args, edge),
    storeDirectory: directory === 'none' ? null : directory,
    format: args.format ?? (process.stdout.isTTY ? 'table' : 'none'),
    keepsRaw: args.dangerouslyKeepRaw,
  };
}
