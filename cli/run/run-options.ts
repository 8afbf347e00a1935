import { SqltrailError } from '../../runtime/errors.ts';

/** As commander gives them. */
export interface RunArguments {
  read: string[];
  interface?: string;
  port: string[];
  capture?: 'cap' | 'tcpdump';
  mirrored: boolean;
  store: string;
  format?: OutputFormat;
  serverId: string;
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

const DEFAULT_PORT = 3306;
const MAX_SERVER_ID_BYTES = 255;

/** @throws SqltrailError `usage` with the option that is wrong. */
export function runOptions(args: RunArguments): RunOptions {
  return {
    source: source(args),
    ports: args.port.length === 0 ? [DEFAULT_PORT] : [...new Set(args.port.map(portNumber))],
    storeDirectory: args.store === 'none' ? null : args.store,
    format: args.format ?? (process.stdout.isTTY ? 'table' : 'none'),
    serverId: serverId(args.serverId),
    keepsRaw: args.dangerouslyKeepRaw,
  };
}

function source(args: RunArguments): RunOptions['source'] {
  if (args.interface !== undefined && args.read.length > 0)
    throw new SqltrailError(
      'usage',
      '--read and --interface exclude each other',
      'Give the files to read, or the interface to capture on.',
    );
  if (args.interface !== undefined)
    return { interfaceName: args.interface, capture: args.capture ?? null, isMirrored: args.mirrored };
  if (args.read.length === 0)
    throw new SqltrailError(
      'usage',
      'there is nothing to read packets from',
      'Give a capture file with --read FILE, or an interface with -i NAME.',
    );
  if (args.capture !== undefined)
    throw new SqltrailError(
      'usage',
      '--capture is about live capture and does nothing with --read',
      'Leave it out, or give -i NAME.',
    );
  if (args.mirrored)
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
