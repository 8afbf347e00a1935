import { SqltrailError } from '../../runtime/errors.ts';
import type { Config } from '../config/config-schema.ts';

/** As commander gives them. */
export interface RunArguments {
  read: string[];
  interface?: string;
  port: string[];
  capture?: 'cap' | 'tcpdump';
  mirrored?: boolean;
  store?: string;
  format?: OutputFormat;
  serverId?: string;
  dangerouslyKeepRaw: boolean;
}

export type OutputFormat = 'none' | 'table' | 'ndjson';

export interface RunOptions {
  /** Files in the order they are read, or the interface. */
  readonly source:
    | { readonly files: readonly string[] }
    | { readonly interfaceName: string; readonly capture: 'cap' | 'tcpdump' | null; readonly isMirrored: boolean };
  readonly ports: readonly number[];
  /** Null: nothing is stored. */
  readonly storeDirectory: string | null;
  readonly format: OutputFormat;
  readonly serverId: string;
  readonly keepsRaw: boolean;
}

const MAX_SERVER_ID_BYTES = 255;

/**
 * What a run does: its flags, and the configuration for what they leave open. A file that is read is no live capture, whatever
 * the configuration says of one.
 *
 * @throws SqltrailError `usage` with the option that is wrong.
 */
export function runOptions(args: RunArguments, { edge, store }: Config): RunOptions {
  const directory = args.store ?? store.directory;
  return {
    source: source(args, edge),
    ports: [...new Set(args.port.length === 0 ? edge.ports : args.port.map(portNumber))],
    storeDirectory: directory === 'none' ? null : directory,
    format: args.format ?? (process.stdout.isTTY ? 'table' : 'none'),
    serverId: serverId(args.serverId ?? edge.server_id ?? ''),
    keepsRaw: args.dangerouslyKeepRaw,
  };
}

function source(args: RunArguments, edge: Config['edge']): RunOptions['source'] {
  if (args.interface !== undefined && args.read.length > 0)
    throw new SqltrailError(
      'usage',
      '--read and --interface exclude each other',
      'Give the files to read, or the interface to capture on.',
    );
  if (args.read.length > 0) return files(args);
  const interfaceName = args.interface ?? edge.interface;
  if (interfaceName === undefined)
    throw new SqltrailError(
      'usage',
      'there is nothing to read packets from',
      'Give a capture file with --read FILE, or an interface with -i NAME.',
    );
  return {
    interfaceName,
    capture: args.capture ?? edge.capture ?? null,
    isMirrored: args.mirrored ?? edge.is_mirrored,
  };
}

function files(args: RunArguments): RunOptions['source'] {
  if (args.capture !== undefined)
    throw new SqltrailError(
      'usage',
      '--capture is about live capture and does nothing with --read',
      'Leave it out, or give -i NAME.',
    );
  if (args.mirrored === true)
    throw new SqltrailError(
      'usage',
      '--mirrored is about live capture: tunnels in a file are always opened',
      'Leave it out, or give -i NAME.',
    );
  return { files: args.read };
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new SqltrailError('usage', `'${text}' is no TCP port`, 'Give --port a number from 1 to 65535.');
}

function serverId(name: string): string {
  if (Buffer.byteLength(name) <= MAX_SERVER_ID_BYTES && !/\p{Cc}/u.test(name)) return name;
  throw new SqltrailError(
    'usage',
    '--server-id is no usable name',
    `Give at most ${MAX_SERVER_ID_BYTES} bytes without control characters.`,
  );
}
