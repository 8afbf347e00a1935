import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import { clampTimeUs } from '../../schemas/iso-time.ts';
import { NativeBlock } from './native-block.ts';
import { UInt64Column } from './native-columns.ts';
import { DictionaryColumn, MAX_BLOCK_ROWS } from './native-strings.ts';

const TIME = "DateTime64(6, 'UTC')";
/** Of a row, about: names have some twenty characters. */
const ROW_BYTES = 150;

/** Up to {@link MAX_BLOCK_ROWS} rows of `connection_users`. */
export class IdentityBlock {
  rows = 0;
  readonly #connectionUid = new DictionaryColumn('connection_uid');
  readonly #serverId = new DictionaryColumn('server_id');
  readonly #userName = new DictionaryColumn('user_name');
  readonly #userUntil = new UInt64Column('user_until', TIME, MAX_BLOCK_ROWS);
  readonly #databaseName = new DictionaryColumn('database_name');
  readonly #databaseUntil = new UInt64Column('database_until', TIME, MAX_BLOCK_ROWS);
  readonly #connectionId = new UInt64Column('connection_id', 'UInt64', MAX_BLOCK_ROWS);
  readonly #clientProgram = new DictionaryColumn('client_program');
  readonly #knownAt = new UInt64Column('known_at', TIME, MAX_BLOCK_ROWS);
  readonly #version = new UInt64Column('version', 'UInt64', MAX_BLOCK_ROWS);
  readonly #block = new NativeBlock([
    this.#connectionUid,
    this.#serverId,
    this.#userName,
    this.#userUntil,
    this.#databaseName,
    this.#databaseUntil,
    this.#connectionId,
    this.#clientProgram,
    this.#knownAt,
    this.#version,
  ]);

  get structure(): string {
    return this.#block.structure;
  }

  /** About the bytes of the encoded block so far. */
  get bytes(): number {
    return this.rows * ROW_BYTES;
  }

  /** The block has room for the row. */
  add(identity: ConnectionIdentity): void {
    const row = this.rows++;
    this.#connectionUid.set(row, identity.connectionUid);
    this.#serverId.set(row, identity.serverId);
    this.#userName.set(row, identity.userName);
    this.#userUntil.set(row, clampTimeUs(identity.userUntilUs));
    this.#databaseName.set(row, identity.databaseName);
    this.#databaseUntil.set(row, clampTimeUs(identity.databaseUntilUs));
    this.#connectionId.set(row, identity.connectionId);
    this.#clientProgram.set(row, identity.clientProgram);
    this.#knownAt.set(row, clampTimeUs(identity.knownUs));
    this.#version.set(row, identity.version);
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
