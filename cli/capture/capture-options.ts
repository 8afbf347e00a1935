import { type Command, Option } from 'commander';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Config } from '../config/config-schema.ts';

/** What commander gives for the options of this module. */
export interface CaptureArguments {
  read: string[];
  interface?: string;
  port: string[];
  capture?: 'cap' | 'tcpdump';
  mirrored?: boolean;
  serverId?: string;
}

/** Where packets come from, for the commands that capture. */
export interface CaptureOptions {
  /** Files in the order they are read, or the interface. */
  readonly source:
    | { readonly files: readonly string[] }
    | { readonly interfaceName: string; readonly capture: 'cap' | 'tcpdump' | null; readonly isMirrored: boolean };
  readonly ports: readonly number[];
  /** Empty: each server is named by its address and port. */
  readonly serverId: string;
}

const MAX_SERVER_ID_BYTES = 255;

/** Adds the options of every command that captures. */
export function addCaptureOptions(command: Command): Command {
  return command
    .option(
      '--read <file>',
      'capture file (pcap or pcapng), - for standard input; repeatable, read in the order given',
      collect,
      [],
    )
    .option('-i, --interface <name>', 'capture live on this interface until interrupted')
    .option('--port <number>', 'TCP port of MySQL servers; repeatable (default: 3306)', collect, [])
    .addOption(
      new Option('--capture <way>', 'way of live capture (default: the better one that is available)').choices([
        'cap',
        'tcpdump',
      ]),
    )
    .option('--mirrored', 'capture traffic mirrored to this host too: inside VXLAN, GENEVE, GRE, ERSPAN, IP in IP')
    .option('--server-id <name>', "server's name in every event (default: its address and port)");
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/**
 * What to capture: the flags, and the configuration for what they leave open. A file that is read is no live capture, whatever
 * the configuration says of one.
 *
 * @throws SqltrailError `usage` with the option that is wrong.
 */
export function captureOptions(args: CaptureArguments, edge: Config['edge']): CaptureOptions {
  return {
    source: source(args, edge),
    ports: [...new Set(args.port.length === 0 ? edge.ports : args.port.map(portNumber))],
    serverId: serverId(args.serverId ?? edge.server_id ?? ''),
  };
}

function source(args: CaptureArguments, edge: Config['edge']): CaptureOptions['source'] {
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

function files(args: CaptureArguments): CaptureOptions['source'] {
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

/** Whether packets may come as they are captured: from an interface, or through a pipe. Files tell of what is over. */
export function comesLive(source: CaptureOptions['source']): boolean {
  return !('files' in source) || source.files.includes('-');
}
