import type { WatchedServer } from '../../processors/watch/watcher.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Config } from '../config/config-schema.ts';

/** As commander gives them. */
export interface WatchArguments {
  mysqlUser?: string;
  mysqlPasswordFile?: string;
  mysqlHost?: string;
}

/** How servers are asked that the command line does not name one by one. */
export interface WatchLogin {
  readonly user: string;
  readonly password: string;
  /** Null: the servers that are captured, where their address is one of this host. */
  readonly host: string | null;
  readonly port: number;
}

/** Whom a run asks beside its capture. */
export interface WatchOptions {
  readonly servers: readonly WatchedServer[];
  readonly login: WatchLogin | null;
  readonly intervalMs: number;
  readonly queryTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

/**
 * Whom a run asks: the configured servers, and with --mysql-user those it captures. Null: nobody.
 *
 * @param isLive Packets come as they are captured; files tell of sessions that are over.
 * @param ports That are watched; the first is that of --mysql-host unless it names one.
 * @throws SqltrailError `usage`, `config_invalid`.
 */
export async function watchOptions(
  args: WatchArguments,
  config: Config,
  isLive: boolean,
  ports: readonly number[],
): Promise<WatchOptions | null> {
  const { mysqlUser, mysqlPasswordFile, mysqlHost } = args;
  if (mysqlUser === undefined && (mysqlPasswordFile !== undefined || mysqlHost !== undefined))
    throw usage('--mysql-password-file and --mysql-host need --mysql-user.', 'Name the user to log in with.');
  if (mysqlUser !== undefined && !isLive)
    throw usage(
      '--mysql-user goes with a live capture: sessions in a file are over.',
      'Leave it out, or read from a capture that is under way with --read -.',
    );
  if (!isLive || (mysqlUser === undefined && config.watch.servers.length === 0)) return null;
  const [{ watchedServers }, { readSecret }] = await Promise.all([
    import('../watch/watched-servers.ts'),
    import('../config/secret-files.ts'),
  ]);
  const warn = (sentence: string) => process.stderr.write(`sqltrail: ${sentence}\n`);
  const password = mysqlPasswordFile === undefined ? '' : readSecret(mysqlPasswordFile, warn);
  return {
    servers: watchedServers(config, warn),
    login: mysqlUser === undefined ? null : { user: mysqlUser, password, ...hostOf(mysqlHost, ports[0] ?? 3306) },
    intervalMs: config.watch.interval_s * 1000,
    queryTimeoutMs: config.watch.query_timeout_s * 1000,
    connectTimeoutMs: config.watch.connect_timeout_s * 1000,
  };
}

function hostOf(text: string | undefined, port: number): { host: string | null; port: number } {
  if (text === undefined) return { host: null, port };
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s[\]]{1,255}))(?::(\d{1,5}))?$/.exec(text);
  const given = match?.[3] === undefined ? port : Number(match[3]);
  if (match === null || given < 1 || given > 65_535)
    throw usage('--mysql-host must be HOST or HOST:PORT.', 'An IPv6 address is put in brackets.');
  return { host: match[1] ?? match[2]!, port: given };
}

function usage(message: string, cure: string): SqltrailError {
  return new SqltrailError('usage', message, cure);
}
