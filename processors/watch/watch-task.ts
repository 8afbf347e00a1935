import type { MysqlConnection } from './mysql-connection.ts';

/** What a connection told of its server when it was opened. */
export interface ServerFacts {
  /** As configured, or address and port as captured. */
  readonly serverId: string;
  readonly version: string;
  readonly isMariaDb: boolean;
  /** Major, minor and patch as one number: 8.0.36 is 80036. */
  readonly versionNumber: number;
  readonly hasPerformanceSchema: boolean;
  /** The connection's own thread id. */
  readonly connectionId: number;
  /** When the server was started, µs since the epoch; exact to two seconds. Another one: counters and ids began anew. */
  readonly startedUs: number;
  /** When this connection had logged in: sessions with smaller ids were there before. */
  readonly loggedInUs: number;
}

/** Something that is asked of each watched server at an interval, over the watcher's one connection. */
export interface WatchTask {
  /** In metrics and log: a plain word. */
  readonly name: string;
  readonly everyMs: number;
  /** Asks at whole multiples of `everyMs` since the epoch; else from the watcher's start on. */
  readonly isOnTheClock?: boolean;
  /**
   * Asks once; never at the same time as another task of the server. A throw counts as a failure of the server and ends the
   * connection where that is of no use any more; the task is due again after the watcher's pause.
   * @param timeoutMs For each of its queries.
   */
  run(connection: MysqlConnection, facts: ServerFacts, timeoutMs: number): Promise<void>;
}
