import { isIP, connect as netConnect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';

const KEEP_ALIVE_MS = 60_000;

/** The connections of one client, so that none outlives it: kafkajs forgets those that it opens while it is told to disconnect. */
export class KafkaSockets {
  private readonly open = new Set<Socket>();
  private isCut = false;

  /** As kafkajs' own. */
  readonly create = (to: { host: string; port: number; ssl?: ConnectionOptions; onConnect: () => void }): Socket => {
    const { host, port, ssl, onConnect } = to;
    const socket = ssl
      ? tlsConnect({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
      : netConnect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    if (this.isCut) cut(socket);
    return socket;
  };

  /** Ends all connections, also those that are asked for later: requests that wait on them fail. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.open) cut(socket);
  }
}

function cut(socket: Socket): void {
  socket.destroy(new Error('The client was closed.'));
}
