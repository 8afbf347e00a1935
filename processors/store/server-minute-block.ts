import type { ServerMinute } from '../../schemas/server-minute.ts';
import { NativeBlock } from './native-block.ts';
import { UInt32Column, UInt64Column } from './native-columns.ts';
import { CountMapColumn } from './native-map.ts';
import { DictionaryColumn } from './native-strings.ts';

/** Bytes of one row, about. */
const ROW_BYTES = 500;
const MAX_SECOND = 0xffff_ffff;

type Figure = Exclude<keyof ServerMinute, 'serverId' | 'minuteMs' | 'origin' | 'commands' | 'channels'>;

const FIGURES: readonly (readonly [figure: Figure, column: string])[] = [
  ['measuredMs', 'measured_ms'],
  ['uncertaintyMs', 'uncertainty_ms'],
  ['restarts', 'restarts'],
  ['flushes', 'flushes'],
  ['questions', 'questions'],
  ['queries', 'queries'],
  ['connections', 'connections'],
  ['abortedConnects', 'aborted_connects'],
  ['bytesReceived', 'bytes_received'],
  ['bytesSent', 'bytes_sent'],
  ['sslAccepts', 'ssl_accepts'],
  ['ownQuestions', 'own_questions'],
  ['peakPerSecond', 'peak_per_second'],
  ['version', 'version'],
];

/** Rows of `server_minutes`. They are few, so its columns are made when they are written. */
export class ServerMinuteBlock {
  #minutes: ServerMinute[] = [];

  get rows(): number {
    return this.#minutes.length;
  }

  get structure(): string {
    return columnsOf([]).structure;
  }

  /** About the bytes of the encoded block so far. */
  get bytes(): number {
    return this.rows * ROW_BYTES;
  }

  /** Times outside the column move to its ends. */
  add(minute: ServerMinute): void {
    this.#minutes.push(minute);
  }

  encode(): Buffer {
    return columnsOf(this.#minutes).encode(this.rows);
  }

  reset(): void {
    this.#minutes = [];
  }
}

function columnsOf(minutes: readonly ServerMinute[]): NativeBlock {
  const minute = new UInt32Column('minute', "DateTime('UTC')", minutes.length);
  const serverId = new DictionaryColumn('server_id');
  const origin = new DictionaryColumn('origin');
  const figures = FIGURES.map(
    ([figure, column]) => [figure, new UInt64Column(column, 'UInt64', minutes.length)] as const,
  );
  const commands = new CountMapColumn('commands');
  const channels = new CountMapColumn('channels');
  for (const [row, one] of minutes.entries()) {
    minute.set(row, Math.min(MAX_SECOND, Math.floor(one.minuteMs / 60_000) * 60));
    serverId.set(row, one.serverId);
    origin.set(row, one.origin);
    for (const [figure, column] of figures) column.set(row, one[figure]);
    commands.add(one.commands);
    channels.add(one.channels);
  }
  return new NativeBlock([minute, serverId, origin, ...figures.map(([, column]) => column), commands, channels]);
}
