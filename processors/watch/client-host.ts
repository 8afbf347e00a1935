/** `Host` of a process list: where a session comes from. */
export interface ClientHost {
  /** An address, or a name where the server resolves them. */
  readonly host: string;
  readonly port: number;
}

const LONGEST = 300;

/**
 * Reads `Host` as servers write it: `10.0.0.7:41234`, `app1.example.com:41234`, `2001:db8::7:41234`. Null without a port (sessions over
 * a unix socket or a pipe, and threads of the server itself) and for what is no such text.
 */
export function clientHost(text: string): ClientHost | null {
  if (text.length > LONGEST) return null;
  const match = /^(.+):(\d{1,5})$/s.exec(text);
  if (match === null) return null;
  const port = Number(match[2]);
  return port >= 1 && port <= 65_535 ? { host: match[1]!, port } : null;
}
