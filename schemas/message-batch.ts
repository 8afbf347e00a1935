/**
 * The value of a record on `mysql.messages.v1`: framed MySQL messages of several connections, packed. Little-endian.
 *
 *   batch:   4 magic "SQT1" · 8 run (f64, µs) · 2 length of edge id · edge id (UTF-8) · 2 length of server id · server id (UTF-8) ·
 *            messages to the end
 *   message: 1 kind · 1 flags · 2 connection · 4 payload bytes · 6 sequence · 2 zero · 8 time (f64, µs) · 8 bytes (f64) · payload
 *
 * `connection` numbers the connections of this batch in the order of their `connection` messages: each batch is read without
 * any other. `sequence` counts a connection's messages from 1 without holes. What `bytes` means depends on the kind (below).
 * `run` is when the edge began to capture, 0 for one that reads files: connections of an earlier run of the same edge have ended,
 * for a new run knows nothing of them. A batch may hold no message and only say so.
 * A payload is at most FRAGMENT_BYTES long; longer messages come in several with `moreFragments` on all but the last.
 */
export const BATCH_MAGIC = 0x31_54_51_53;
/** The first three bytes of every version: "SQT". */
export const BATCH_FAMILY = 0x54_51_53;
export const MESSAGE_HEADER_BYTES = 32;

/** Longest payload of one message, 128 KiB, so that a record of 1 MB (Kafka's default limit) always has room for one. */
export const FRAGMENT_BYTES = 128 * 1024;

export const MESSAGE_KIND = {
  /** Announces a connection within the batch; payload: CONNECTION_BYTES. */
  connection: 1,
  /** The server's greeting, scramble blanked. */
  greeting: 2,
  /** The client's login, auth data blanked. */
  login: 3,
  /** A command; auth data of COM_CHANGE_USER blanked. `bytes`: true length of the whole message. */
  command: 4,
  /** The end of one result of a command, or of a login. Payload: RESPONSE_BYTES, then the packet. `bytes`: all bytes of it. */
  response: 5,
  /** `bytes` of one half-connection were not captured. Payload: 1 byte, 1 = from the client · 8 offset of the first (f64). */
  gap: 6,
  /** From here on the connection is encrypted. Payload: the SSLRequest, or nothing when it was not seen. */
  tls: 7,
  /** Nothing follows. `bytes`: those that could not be read as MySQL or were encrypted. Payload: 8 how many of them the server sent (f64). */
  close: 8,
  /** The client named by a proxy in front (PROXY protocol). Payload: 16 address · 2 port. */
  proxied: 9,
} as const;

export const MESSAGE_FLAG = {
  /** The next message of this connection continues this one. */
  moreFragments: 0x01,
  /** Bytes of this message, or of the response it ends, were not captured. */
  gap: 0x02,
  /** Cut at the limit for the length of a message; the payload is the SHA-256 of all of it behind the command byte. */
  truncated: 0x04,
  /** The connection was older than the capture: capabilities are not known. */
  midstream: 0x08,
  /** Another result of the same command follows this one. */
  moreResults: 0x10,
  /** A response that may be another command's; `gap` is set too. */
  doubtful: 0x20,
  /** A gap whose bytes are all of one message of the client that began before: no other was lost with them. */
  within: 0x40,
  /** A command that continues the fragment before: without that one it is none. */
  continued: 0x80,
  /** The same bit of a response: before it the server asked the client for a file (LOCAL INFILE). */
  askedForFile: 0x80,
} as const;

/** 16 uid · 16 client address · 16 server address · 2 client port · 2 server port · 1 saw its start · 3 zero */
export const CONNECTION_BYTES = 56;

/** Length of a proxied's payload. */
export const PROXIED_BYTES = 18;

/** Length of a gap's payload. */
export const GAP_BYTES = 9;

/** Length of a close's payload; it may be absent. */
export const CLOSE_BYTES = 8;

/** 8 sequence of the request (f64) · 8 time of first row or byte (f64, µs) · 8 rows (f64) · 8 further request bytes (f64) · 1 ending · 7 zero */
export const RESPONSE_BYTES = 40;

/** What ended a result: the packet that follows in the payload. `none`: its end was not captured. */
export const ENDING = { none: 0, ok: 1, eof: 2, err: 3, prepareOk: 4, text: 5 } as const;
export type Ending = (typeof ENDING)[keyof typeof ENDING];

/** Whose batches these are. */
export interface BatchOrigin {
  /** The edge, as in the ledger; empty within one process. At most 255 bytes. */
  readonly edgeId: string;
  /** When it began to capture, µs; 0 where it reads files, so that reading them again is the same run. */
  readonly runUs: number;
  /** The MySQL server; empty: each is named by its address and port. At most 255 bytes. */
  readonly serverId: string;
}
