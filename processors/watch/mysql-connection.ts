import { type Connection, type ConnectionOptions, createConnection, type Query } from 'mysql2';
import { MysqlFault, mysqlFault } from './mysql-fault.ts';

/** How a server is reached and logged in to. */
export interface MysqlOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Absent: the connection is not encrypted. */
  readonly tls?: MysqlTls | undefined;
  /** Of TCP, TLS and login together. */
  readonly connectTimeoutMs: number;
}

/** PEM texts. */
export interface MysqlTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name the certificate must carry, where it is not the host's. */
  readonly serverName?: string | undefined;
}

/** A row as the server sends it, in the order of the columns asked for. */
export type MysqlRow = readonly (string | number | null)[];

/** How the server's own records and the audit trail know this connection. */
const PROGRAM_NAME = 'sqltrail-watch';
/** To a login. */
const NO_ANSWER = new MysqlFault('unreachable', 'ETIMEDOUT', true);
/** A row holds names; what is longer is none of ours. */
const MAX_ROWS = 1_000_000;

/**
 * One connection to a MySQL or MariaDB server, one query at a time. It sends its program name as a connection attribute, asks for
 * no file, and gives no password in the clear. The only module that imports mysql2.
 */
export class MysqlConnection {
  private readonly connection: Connection;
  /** Ends the query that is under way; null where none is. */
  private giveUp: ((error: unknown) => void) | null = null;
  private fault: MysqlFault | null = null;

  private constructor(connection: Connection) {
    this.connection = connection;
    // A connection that is lost while nobody asks tells only this.
    connection.on('error', (error: unknown) => {
      this.fault ??= mysqlFault(error);
    });
  }

  /** @param signal Gives it up. @throws MysqlFault */
  static open(options: MysqlOptions, signal?: AbortSignal): Promise<MysqlConnection> {
    const connection = createConnection(connectionOptions(options));
    const opened = new MysqlConnection(connection);
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        connection.destroy();
        reject(NO_ANSWER);
      };
      // mysql2's own limit ends with the TCP connection; a server may accept and then say nothing.
      const timer = setTimeout(giveUp, options.connectTimeoutMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      connection.connect((error) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        if (error === null) {
          resolve(opened);
          return;
        }
        connection.destroy();
        reject(error.code === 'ETIMEDOUT' ? NO_ANSWER : mysqlFault(error));
      });
    });
  }

  /** False once it is lost: open another. */
  get isUsable(): boolean {
    return this.fault === null;
  }

  /**
   * Asks, and gives the rows one by one as they come; none is kept here.
   * @param timeoutMs For the whole answer; beyond it the connection is given up.
   * @throws MysqlFault; the connection may be used again where `isUsable` still says so. Error where a query is under way.
   */
  async query(sql: string, onRow: (row: MysqlRow) => void, timeoutMs: number): Promise<void> {
    if (this.fault !== null) throw this.fault;
    if (this.giveUp !== null) throw new Error('A query is under way.');
    try {
      await this.run(sql, onRow, timeoutMs);
    } finally {
      this.giveUp = null;
    }
  }

  /** Ends it at once, and a query that is under way. */
  close(): void {
    const aborted = mysqlFault({ code: 'ECONNABORTED' });
    this.fault ??= aborted;
    this.connection.destroy();
    // mysql2 forgets it.
    this.giveUp?.(aborted);
  }

  private run(sql: string, onRow: (row: MysqlRow) => void, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let rows = 0;
      const giveUp = (error: unknown) => {
        clearTimeout(timer);
        const fault = mysqlFault(error);
        if (fault.isFatal) {
          this.fault ??= fault;
          this.connection.destroy();
        }
        reject(fault);
      };
      this.giveUp = giveUp;
      const timer = setTimeout(() => giveUp({ code: 'ETIMEDOUT' }), timeoutMs);
      const query: Query = this.connection.query({ sql, rowsAsArray: true });
      query.on('error', giveUp);
      query.on('result', (row: unknown) => {
        // Statements without rows answer with an object.
        if (!Array.isArray(row)) return;
        if (++rows > MAX_ROWS) giveUp({ code: 'ETOOMANYROWS' });
        else onRow(row as MysqlRow);
      });
      query.on('end', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function connectionOptions({ host, port, user, password, tls, connectTimeoutMs }: MysqlOptions): ConnectionOptions {
  return {
    host,
    port,
    user,
    password,
    connectTimeout: connectTimeoutMs,
    connectAttributes: { program_name: PROGRAM_NAME },
    charset: 'utf8mb4',
    // Numbers beyond 2^53 come as text, times as the server writes them: nothing is lost on the way.
    supportBigNumbers: true,
    dateStrings: true,
    // What could make a server read files of this host, or run more than one statement.
    flags: ['-LOCAL_FILES'],
    multipleStatements: false,
    enableKeepAlive: true,
    ...(tls !== undefined && {
      ssl: {
        rejectUnauthorized: true,
        verifyIdentity: true,
        ...(tls.ca !== undefined && { ca: tls.ca }),
        ...(tls.cert !== undefined && { cert: tls.cert }),
        ...(tls.key !== undefined && { key: tls.key }),
        ...(tls.serverName !== undefined && { servername: tls.serverName }),
      },
    }),
  };
}
