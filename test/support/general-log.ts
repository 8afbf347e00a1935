/** One row of `mysql.general_log`: what the server itself says it received. */
export interface LoggedCommand {
  readonly threadId: number;
  /** The server's name of the command: Connect, Query, Prepare, Execute, Close stmt, Init DB, Quit … */
  readonly command: string;
  readonly argument: string;
  /** As the server writes it: `user[user] @ host [address]`. */
  readonly userHost: string;
}

/** The audit trail's name of each command that MariaDB 10.11 and MySQL 9 log. */
const AUDIT_NAMES: Readonly<Record<string, string>> = {
  Connect: 'connect',
  Query: 'query',
  Prepare: 'prepare',
  Execute: 'execute',
  'Long Data': 'send_long_data',
  'Close stmt': 'close',
  'Reset stmt': 'reset',
  Fetch: 'fetch',
  'Init DB': 'init_db',
  'Change user': 'change_user',
  'Field List': 'field_list',
  Quit: 'quit',
  Statistics: 'statistics',
  'Binlog Dump': 'binlog_dump',
  'Binlog Dump GTID': 'binlog_dump_gtid',
  'Register Slave': 'register_slave',
  'Register Replica': 'register_slave',
  Processlist: 'process_info',
  Kill: 'process_kill',
  Refresh: 'refresh',
  Debug: 'debug',
  Ping: 'ping',
  'Set option': 'set_option',
  'Reset Connection': 'reset_connection',
};

/** Commands that reach the server but that its log never shows. */
export const UNLOGGED_COMMANDS: readonly string[] = ['ping', 'reset_connection', 'set_option'];

export interface LoggedConnection {
  readonly connectionId: number;
  readonly user: string;
  readonly clientAddress: string;
  /** The server answered the login with an error. */
  refused: boolean;
  /** Count by the audit trail's command name. */
  readonly commands: Record<string, number>;
}

/** @throws Error when the table above does not know the log's command: the oracle would be blind to it. */
export function auditNameOf(command: string): string {
  const name = AUDIT_NAMES[command];
  if (name === undefined) throw new Error(`unknown command in the general log: ${command}`);
  return name;
}

/** The log by connection. A refused login has two rows, Connect and Connect with `Access denied`: it counts as one. */
export function connectionsOf(log: readonly LoggedCommand[]): LoggedConnection[] {
  const connections = new Map<number, LoggedConnection>();
  for (const { threadId, command, argument, userHost } of log) {
    const name = auditNameOf(command);
    const known = connections.get(threadId);
    const connection = known ?? {
      connectionId: threadId,
      user: userOf(userHost),
      clientAddress: /\[([^[\]]*)\]$/.exec(userHost)?.[1] ?? '',
      refused: false,
      commands: {},
    };
    if (known === undefined) connections.set(threadId, connection);
    if (command === 'Connect' && argument.startsWith('Access denied')) connection.refused = true;
    else connection.commands[name] = (connection.commands[name] ?? 0) + 1;
  }
  return [...connections.values()].sort((a, b) => a.connectionId - b.connectionId);
}

/** The account name in the log's `user[user] @ host [address]`. */
export function userOf(userHost: string): string {
  return /\[([^\]]*)\]/.exec(userHost)?.[1] ?? '';
}
