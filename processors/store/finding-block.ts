import { readUid, UID_WORDS } from '../../schemas/event-id.ts';
import type { Finding } from '../../schemas/finding.ts';
import { clampTimeUs } from '../../schemas/iso-time.ts';
import { parseIsoTime } from '../../schemas/parse-iso-time.ts';
import { NativeBlock } from './native-block.ts';
import { ByteColumn, UInt64Column, UuidColumn } from './native-columns.ts';
import { DictionaryColumn, StringArrayColumn, StringColumn } from './native-strings.ts';
import { enumType, FINDING_KIND, SEVERITY } from './store-enums.ts';

/** Rows per block: findings are few and long. */
export const MAX_FINDINGS = 4096;
/** Bytes of one row without its texts. */
const FIXED_ROW_BYTES = 200;
const TIME = "DateTime64(6, 'UTC')";

/** Up to {@link MAX_FINDINGS} rows of `finding_parts`. */
export class FindingBlock {
  rows = 0;
  readonly #uid = new Uint32Array(UID_WORDS);
  readonly #id = new UuidColumn('finding_id', MAX_FINDINGS);
  readonly #origin = new DictionaryColumn('origin');
  readonly #version = new UInt64Column('version', 'UInt64', MAX_FINDINGS);
  readonly #kind = new ByteColumn('kind', enumType(FINDING_KIND), MAX_FINDINGS);
  readonly #texts = (
    ['area', 'rule_id', 'server_id', 'user_name', 'client_address', 'client_program', 'database_name'] as const
  ).map((name) => ({ name, column: new DictionaryColumn(name) }));
  readonly #times = (['window_start', 'window_end', 'first_seen', 'last_seen'] as const).map((name) => ({
    name,
    column: new UInt64Column(name, TIME, MAX_FINDINGS),
  }));
  readonly #counts = (['events', 'accepted', 'errors', 'returned_rows', 'affected_rows'] as const).map((name) => ({
    name,
    column: new UInt64Column(name, 'UInt64', MAX_FINDINGS),
  }));
  readonly #severity = new ByteColumn('severity', enumType(SEVERITY), MAX_FINDINGS);
  readonly #tags = new StringArrayColumn('attack_tags', MAX_FINDINGS);
  readonly #tables = new StringArrayColumn('tables', MAX_FINDINGS);
  readonly #rules = new StringColumn('rules');
  readonly #samples = new StringColumn('samples');
  readonly #block = new NativeBlock([
    this.#id,
    this.#origin,
    this.#version,
    this.#kind,
    ...[...this.#texts, ...this.#times, ...this.#counts].map(({ column }) => column),
    this.#severity,
    this.#tags,
    this.#tables,
    this.#rules,
    this.#samples,
  ]);

  get structure(): string {
    return this.#block.structure;
  }

  /** About the bytes of the encoded block so far. */
  get bytes(): number {
    return this.rows * FIXED_ROW_BYTES + this.#rules.length + this.#samples.length + this.#tables.length;
  }

  /** The block has room for the row. Times outside the columns move to their ends. */
  add(part: Finding): void {
    const row = this.rows++;
    const uid = this.#uid;
    readUid(part.finding_id.replaceAll('-', ''), uid, 0);
    this.#id.set(row, uid[0]!, uid[1]!, uid[2]!, uid[3]!);
    this.#origin.set(row, part.origin);
    this.#version.set(row, part.version);
    this.#kind.values[row] = FINDING_KIND[part.kind];
    for (const { name, column } of this.#texts) column.set(row, part[name]);
    for (const { name, column } of this.#times) column.set(row, clampTimeUs(parseIsoTime(part[name]) ?? 0));
    for (const { name, column } of this.#counts) column.set(row, part[name]);
    this.#severity.values[row] = SEVERITY[part.severity];
    this.#tags.set(row, part.attack_tags);
    this.#tables.set(row, part.tables);
    this.#rules.add(JSON.stringify(part.rules));
    this.#samples.add(JSON.stringify(part.samples));
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
