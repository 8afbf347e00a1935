import { eventIdHigh, eventIdLow, readUid, UID_WORDS } from '../../schemas/event-id.ts';
import { clampTimeUs } from '../../schemas/iso-time.ts';
import type { Loss } from '../../schemas/loss.ts';
import { NativeBlock } from './native-block.ts';
import { ByteColumn, UInt16Column, UInt64Column, UuidColumn } from './native-columns.ts';
import { DictionaryColumn, MAX_BLOCK_ROWS } from './native-strings.ts';
import { enumType, LOSS_REASON } from './store-enums.ts';

/** Up to {@link MAX_BLOCK_ROWS} rows of `loss_events`. */
export class LossBlock {
  rows = 0;
  readonly #uid = new Uint32Array(UID_WORDS);
  readonly #lossTime = new UInt64Column('loss_time', "DateTime64(6, 'UTC')", MAX_BLOCK_ROWS);
  readonly #lossId = new UuidColumn('loss_id', MAX_BLOCK_ROWS);
  readonly #serverId = new DictionaryColumn('server_id');
  readonly #connectionUid = new DictionaryColumn('connection_uid');
  readonly #clientAddress = new DictionaryColumn('client_address');
  readonly #clientPort = new UInt16Column('client_port', MAX_BLOCK_ROWS);
  readonly #serverAddress = new DictionaryColumn('server_address');
  readonly #serverPort = new UInt16Column('server_port', MAX_BLOCK_ROWS);
  readonly #reason = new ByteColumn('reason', enumType(LOSS_REASON), MAX_BLOCK_ROWS);
  readonly #fromClient = new ByteColumn('from_client', 'Bool', MAX_BLOCK_ROWS);
  readonly #fromByte = new UInt64Column('from_byte', 'UInt64', MAX_BLOCK_ROWS);
  readonly #bytes = new UInt64Column('bytes', 'UInt64', MAX_BLOCK_ROWS);
  readonly #block = new NativeBlock([
    this.#lossTime,
    this.#lossId,
    this.#serverId,
    this.#connectionUid,
    this.#clientAddress,
    this.#clientPort,
    this.#serverAddress,
    this.#serverPort,
    this.#reason,
    this.#fromClient,
    this.#fromByte,
    this.#bytes,
  ]);

  get structure(): string {
    return this.#block.structure;
  }

  /** The block has room for the row. */
  add(loss: Loss): void {
    const row = this.rows++;
    const { connection, sequence } = loss;
    const uid = this.#uid;
    readUid(connection.uid, uid, 0);
    const low = uid[3]!;
    this.#lossTime.set(row, clampTimeUs(loss.timeUs));
    this.#lossId.set(row, uid[0]!, uid[1]!, eventIdHigh(uid[2]!, low, sequence), eventIdLow(low, sequence));
    this.#serverId.set(row, connection.serverId);
    this.#connectionUid.set(row, connection.uid);
    this.#clientAddress.set(row, connection.clientAddress);
    this.#clientPort.set(row, connection.clientPort);
    this.#serverAddress.set(row, connection.serverAddress);
    this.#serverPort.set(row, connection.serverPort);
    this.#reason.values[row] = LOSS_REASON[loss.reason];
    this.#fromClient.values[row] = loss.fromClient ? 1 : 0;
    this.#fromByte.set(row, loss.fromByte);
    this.#bytes.set(row, loss.bytes);
  }

  /** @returns A view of the encoded block, valid until the next call. */
  encode(): Buffer {
    return this.#block.encode(this.rows);
  }

  reset(): void {
    this.#block.reset();
    this.rows = 0;
  }
}
