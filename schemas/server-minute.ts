/** How a session reaches its server. What is neither (named pipes, shared memory) is `other`. */
export const CHANNELS = ['tcp', 'tls', 'socket', 'other'] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * What a server says that it did in one minute: differences of its status variables, as the watcher read them. A later line with
 * the same server, minute and origin replaces it (the greater version wins).
 */
export interface ServerMinute {
  readonly serverId: string;
  /** Start of the minute, ms since the epoch, by the clock of the watcher. */
  readonly minuteMs: number;
  /** Who read: the watcher's run. */
  readonly origin: string;
  /** How much of the minute lies between two readings of one life of the server; 60,000 is all of it. */
  measuredMs: number;
  /** How far from the ends of the minute the readings were that it is cut at. */
  uncertaintyMs: number;
  /** How often the server was seen to have started anew. What it did between the last reading and its end is unknown. */
  restarts: number;
  /** How often counters were seen to have been set back (FLUSH STATUS). What they counted since the reading before is unknown. */
  flushes: number;
  /** Statements of clients, as `Questions` counts them. */
  questions: number;
  queries: number;
  connections: number;
  abortedConnects: number;
  bytesReceived: number;
  bytesSent: number;
  sslAccepts: number;
  /** Of `questions`, those of the watcher itself. */
  ownQuestions: number;
  /** The most statements a second between two readings. */
  peakPerSecond: number;
  /** `Com_…` without the prefix; those that counted anything. */
  readonly commands: Record<string, number>;
  /** Of `questions` without the watcher's, how they came, as far as the server tells; what is missing to the sum is not known. */
  readonly channels: Partial<Record<Channel, number>>;
  /** ms since the epoch of the last reading in it. */
  version: number;
}

/** A minute of which nothing has been measured yet. */
export function emptyServerMinute(serverId: string, origin: string, minuteMs: number): ServerMinute {
  return {
    serverId,
    minuteMs,
    origin,
    measuredMs: 0,
    uncertaintyMs: 0,
    restarts: 0,
    flushes: 0,
    questions: 0,
    queries: 0,
    connections: 0,
    abortedConnects: 0,
    bytesReceived: 0,
    bytesSent: 0,
    sslAccepts: 0,
    ownQuestions: 0,
    peakPerSecond: 0,
    commands: {},
    channels: {},
    version: 0,
  };
}
