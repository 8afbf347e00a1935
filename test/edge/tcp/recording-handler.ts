import type { Connection } from '../../../edge/tcp/connection.ts';
import type { CloseReason, StreamHandler } from '../../../edge/tcp/stream-handler.ts';

/** Writes down what reassembly says, one line an event; consecutive bytes of a half are joined. */
export class RecordingHandler implements StreamHandler {
  readonly events: string[] = [];
  readonly connections: Connection[] = [];
  /** Delivered bytes of each half, gaps as `null`, over all connections. */
  readonly client: (number | null)[] = [];
  readonly server: (number | null)[] = [];
  readonly times: number[] = [];
  #lastHalf = '';

  onOpen(connection: Connection, _timeUs: number): void {
    this.connections.push(connection);
    this.#add(connection.sawSyn ? 'open' : 'open midstream');
  }

  onData(
    _connection: Connection,
    fromClient: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    timeUs: number,
  ): void {
    const half = fromClient ? 'client' : 'server';
    const text = bytes.toString('latin1', start, end);
    if (this.#lastHalf === half) this.events[this.events.length - 1] += text;
    else this.events.push(`${half}: ${text}`);
    this.#lastHalf = half;
    this[half].push(...bytes.subarray(start, end));
    this.times.push(timeUs);
  }

  onGap(_connection: Connection, fromClient: boolean, missingBytes: number, _timeUs: number): void {
    const half = fromClient ? 'client' : 'server';
    this.#add(`${half} gap ${missingBytes}`);
    if (missingBytes < 100_000) this[half].push(...new Array<null>(missingBytes).fill(null));
  }

  onClose(_connection: Connection, reason: CloseReason, _timeUs: number): void {
    this.#add(`close ${reason}`);
  }

  #add(event: string): void {
    this.#lastHalf = '';
    this.events.push(event);
  }
}
