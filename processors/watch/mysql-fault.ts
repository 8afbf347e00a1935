/** What went wrong with a server, as a closed list: label of metrics, reason in the ledger. */
export const MYSQL_FAULTS = ['unreachable', 'slow', 'login_refused', 'not_allowed', 'tls_failed', 'failed'] as const;
export type MysqlFaultKind = (typeof MYSQL_FAULTS)[number];

/** A failure of a connection or query. Its message holds no text of the server: that may quote anything. */
export class MysqlFault extends Error {
  readonly kind: MysqlFaultKind;
  /** The server's or the system's code, such as 1045 or ECONNREFUSED. */
  readonly code: string;
  /** The connection is of no use any more. */
  readonly isFatal: boolean;

  constructor(kind: MysqlFaultKind, code: string, isFatal: boolean) {
    super(`${SENTENCES[kind]} (${code})`);
    this.name = 'MysqlFault';
    this.kind = kind;
    this.code = code;
    this.isFatal = isFatal;
  }

  get cure(): string {
    return CURES[this.kind];
  }
}

const SENTENCES: Readonly<Record<MysqlFaultKind, string>> = {
  unreachable: 'The server cannot be reached',
  slow: 'The server does not answer in time',
  login_refused: 'The server refuses the login',
  not_allowed: 'The user may not ask this',
  tls_failed: 'The encryption could not be agreed on',
  failed: 'The server refuses the query',
};

const CURES: Readonly<Record<MysqlFaultKind, string>> = {
  unreachable: 'Check that it runs, and its host and port in watch.servers; the watcher tries again by itself.',
  slow: 'Look at the load of the server, or raise watch.query_timeout_s; the watcher tries again by itself.',
  login_refused:
    "Check the user and the password file, and that the user may log in from this host: CREATE USER 'sqltrail'@'HOST' IDENTIFIED BY '…'",
  not_allowed: "Give the user the right to see the sessions of others: GRANT PROCESS ON *.* TO 'sqltrail'@'HOST'",
  tls_failed:
    'Check tls of this server in watch.servers: the ca_file must have signed its certificate, which must name its host.',
  failed: 'Its version may not know it: run sqltrail doctor, and report the version of the server.',
};

const LOGIN_CODES: ReadonlySet<string> = new Set(['1044', '1045', '1130', '1129', '1698', '1862', '3118', '1251']);
const RIGHT_CODES: ReadonlySet<string> = new Set(['1142', '1143', '1227', '1370']);
const SLOW_CODES: ReadonlySet<string> = new Set(['ETIMEDOUT', 'PROTOCOL_SEQUENCE_TIMEOUT', '3024', '1969', '1317']);
/** The server answered to a query, and will to the next. */
const REFUSALS = /^(?:[12]\d{3}|3\d{3}|4\d{3})$/;
const SYSTEM = /^E[A-Z_]{2,40}$/;

/** @param error As mysql2 gives it, or anything. */
export function mysqlFault(error: unknown): MysqlFault {
  if (error instanceof MysqlFault) return error;
  const { code, errno, fatal } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    errno?: unknown;
    fatal?: unknown;
  };
  const name = typeof code === 'string' ? code : '';
  const number = typeof errno === 'number' && errno > 0 ? String(errno) : '';
  const shown = number !== '' ? number : /^[A-Z0-9_]{2,60}$/.test(name) ? name : 'unknown';
  if (SLOW_CODES.has(name) || SLOW_CODES.has(number))
    return new MysqlFault('slow', shown, name === 'ETIMEDOUT' || name.startsWith('PROTOCOL'));
  if (LOGIN_CODES.has(number) || name === 'AUTH_SWITCH_PLUGIN_ERROR')
    return new MysqlFault('login_refused', shown, true);
  if (RIGHT_CODES.has(number)) return new MysqlFault('not_allowed', shown, false);
  if (
    name === 'HANDSHAKE_SSL_ERROR' ||
    name === 'HANDSHAKE_NO_SSL_SUPPORT' ||
    name.startsWith('ERR_TLS') ||
    /CERT|SELF_SIGNED|UNABLE_TO/.test(name)
  )
    return new MysqlFault('tls_failed', shown, true);
  if (REFUSALS.test(number) && fatal !== true) return new MysqlFault('failed', shown, false);
  if (SYSTEM.test(name) || name === 'PROTOCOL_CONNECTION_LOST' || fatal === true)
    return new MysqlFault('unreachable', shown, true);
  return new MysqlFault('failed', shown, true);
}
