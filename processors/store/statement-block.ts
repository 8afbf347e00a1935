import { clampTimeUs } from '../../schemas/iso-time.ts';
import type { Statement } from '../../schemas/statement.ts';
import { NativeBlock } from './native-block.ts';
import { ByteColumn, UInt64Column } from './native-columns.ts';
import { DictionaryColumn, MAX_BLOCK_ROWS, StringArrayColumn, StringColumn } from './native-strings.ts';
import { enumType, PARSE_OUTCOME } from './store-enums.ts';

/** Up to {@link MAX_BLOCK_ROWS} rows of `statements`: the masked texts that the facts of the same batch refer to. */
export class StatementBlock {
  rows = 0;
  readonly #digest = new StringColumn('digest');
  readonly #masked = new StringColumn('masked');
  readonly #kind = new DictionaryColumn('kind');
  readonly #tables = new StringArrayColumn('tables', MAX_BLOCK_ROWS);
  readonly #parse = new ByteColumn('parse', enumType(PARSE_OUTCOME), MAX_BLOCK_ROWS);
  readonly #firstSeen = new UInt64Column('first_seen', "DateTime64(6, 'UTC')", MAX_BLOCK_ROWS);
  readonly #block = new NativeBlock([
    this.#digest,
    this.#masked,
    this.#kind,
    this.#tables,
    this.#parse,
    this.#firstSeen,
  ]);

  get structure(): string {
    return this.#block.structure;
  }

  /** About the bytes of the encoded block so far. */
  get bytes(): number {
    return this.#digest.length + this.#masked.length + this.#tables.length + this.rows * 20;
  }

  add(statement: Statement, seenUs: number): void {
    const row = this.rows++;
    this.#digest.add(statement.digest);
    this.#masked.add(statement.masked);
    this.#kind.set(row, statement.kind);
    this.#tables.set(row, statement.tables);
    this.#parse.values[row] = PARSE_OUTCOME[statement.parse];
    this.#firstSeen.set(row, clampTimeUs(seenUs));
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
