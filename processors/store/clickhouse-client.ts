import { open, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type ClickHouseClient, type ClickHouseClientConfigOptions, createClient } from '@clickhouse/client';
import { SqltrailError } from '../../runtime/errors.ts';
import { checkInsertAnswer } from './server-answer.ts';
import { serverOptions } from './server-options.ts';
import { sqlLiteral } from './sql-literal.ts';
import { openFailure, prepareStoreDirectory } from './store-directory.ts';
import { isEngineError, storeError } from './store-errors.ts';
import type { StoreTarget } from './store-target.ts';

/** What a client is for: recording, which makes the store where there is none, or asking. */
export type ClientPurpose = 'write' | 'read';

/** The embedded engine's share of a recording process: with it a run of many millions of rows stays below 1 GiB in all. */
const WRITER_MEMORY_BYTES = 500_000_000;
/** Questions have the machine's memory to themselves; half of what they may have, they spill to disk. */
const READER_MEMORY_SHARE = 0.5;
/** An insert is tried again after this: a block of 16 MiB takes seconds even on a busy server. */
const INSERT_TIMEOUT_MS = 30_000;
const READ_ONLY = { clickhouse_settings: { readonly: '1' } } as const;
const STAGING_FILE = 'sqltrail-insert.native';

export type QueryParameters = Readonly<Record<string, string | number>>;
/** JSON objects with the engine's types, or arrays in which every value is text, led by two of names and types. */
export type RowFormat = 'JSONEachRow' | 'JSONCompactStringsEachRowWithNamesAndTypes';

/**
 * `@clickhouse/client` on an embedded engine or on a server, with the few things the store needs of either. The only module
 * that imports the client or the engine.
 */
export class ClickhouseClient {
  readonly target: StoreTarget;
  readonly #client: ClickHouseClient;
  /** Where blocks for the embedded engine are put; null on a server. */
  readonly #stagingPath: string | null;
  readonly #insertTimeoutMs: number;
  /** Whether each query of a server is sent with its read-only setting. */
  #asksReadOnly = false;

  private constructor(target: StoreTarget, client: ClickHouseClient, stagingPath: string | null) {
    this.target = target;
    this.#client = client;
    this.#stagingPath = stagingPath;
    this.#insertTimeoutMs = (target.kind === 'server' ? target.insertTimeoutMs : undefined) ?? INSERT_TIMEOUT_MS;
  }

  /**
   * @param purpose A directory that does not exist is made for writing and an error for reading; on a server it is without
   *   meaning.
   * @throws SqltrailError `store_unavailable` without the optional engine, `store_busy` where another process has the
   *   directory, `store_permission`, `store_failed`.
   */
  static async open(target: StoreTarget, purpose: ClientPurpose): Promise<ClickhouseClient> {
    return target.kind === 'server'
      ? ClickhouseClient.#openServer(target)
      : ClickhouseClient.#openEmbedded(target, purpose);
  }

  static async #openEmbedded(
    target: StoreTarget & { kind: 'embedded' },
    purpose: ClientPurpose,
  ): Promise<ClickhouseClient> {
    const engine = await loadEngine();
    const path = prepareStoreDirectory(target.directory, purpose === 'write');
    const client = createClient({ connection: connect(engine, path), log: { level: 127 } });
    const opened = new ClickhouseClient(target, client, join(path, STAGING_FILE));
    await opened.command(embeddedSettings(purpose));
    return opened;
  }

  static #openServer(target: StoreTarget & { kind: 'server' }): ClickhouseClient {
    const client = createClient(serverOptions(target));
    return new ClickhouseClient(target, client, null);
  }

  /** Runs a statement without a result. */
  async command(sql: string): Promise<void> {
    try {
      await this.#client.command({ query: sql });
    } catch (cause) {
      throw storeError('A statement to the store', cause);
    }
  }

  /**
   * Inserts one block in Native format. Done when the engine has it.
   *
   * @param structure The block's columns as `name Type, …`.
   * @param token Equal for a block that is sent again: the table then takes it once. Always sent, because an embedded
   *   engine keeps settings for its whole session and would hold the last token against the next block.
   */
  async insert(table: string, structure: string, block: Buffer, token: string): Promise<void> {
    try {
      if (this.#stagingPath === null) await this.#insertOverHttp(table, structure, block, token);
      else await this.#insertFromFile(this.#stagingPath, table, structure, block, token);
    } catch (cause) {
      throw storeError(`Writing to ${table}`, cause);
    }
  }

  async #insertOverHttp(table: string, structure: string, block: Buffer, token: string): Promise<void> {
    const { stream, http_status_code, response_headers } = await this.#client.exec({
      query: `INSERT INTO ${table} (${namesOf(structure)}) FORMAT Native`,
      values: Readable.from([block], { objectMode: false }),
      clickhouse_settings: {
        async_insert: 0,
        insert_deduplicate: 1,
        insert_deduplication_token: token,
        max_partitions_per_insert_block: '0',
      },
      abort_signal: AbortSignal.timeout(this.#insertTimeoutMs),
      // The client's own error has no status, which tells a gateway that is away from a refusal.
      ignore_error_response: true,
    });
    await checkInsertAnswer(http_status_code ?? 200, response_headers, stream);
  }

  /** The embedded engine takes inserted data as text only; a file is the one way to hand it bytes. */
  async #insertFromFile(path: string, table: string, structure: string, block: Buffer, token: string): Promise<void> {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(block);
    } finally {
      await file.close();
    }
    const names = namesOf(structure);
    const settings = `async_insert = 0, insert_deduplicate = 1, insert_deduplication_token = ${sqlLiteral(token)}, max_partitions_per_insert_block = 0, max_insert_threads = 1, storage_file_read_method = 'pread'`;
    await this.#client.command({
      query: `INSERT INTO ${table} (${names}) SETTINGS ${settings} SELECT ${names} FROM file(${sqlLiteral(path)}, Native, ${sqlLiteral(structure)})`,
    });
  }

  /**
   * Runs a query with a result, whose values are bound by the engine and never put into the text.
   *
   * @returns The lines of the result, in batches, each line one row in `format`.
   * @throws The engine's error as it is (see `isEngineError`), for a caller that knows whose SQL it was.
   */
  async query(sql: string, parameters: QueryParameters, format: RowFormat): Promise<AsyncIterable<string[]>> {
    const request = { query: sql, format, query_params: { ...parameters } };
    const result = await this.#client.query(this.#asksReadOnly ? { ...request, ...READ_ONLY } : request);
    return lines(result.stream());
  }

  /** The rows of a small internal query as objects. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    try {
      const result = await this.#client.query({ query: sql, format: 'JSONEachRow' });
      return await result.json<Record<string, unknown>>();
    } catch (cause) {
      throw storeError('Reading the store', cause);
    }
  }

  /**
   * From now on queries of this client can only read: enforced by the engine, in an embedded one for good.
   *
   * @throws SqltrailError `store_permission`, `store_failed`: a server does not take the setting. Queries then still carry it.
   */
  async makeReadOnly(): Promise<void> {
    if (this.target.kind === 'embedded') return this.command('SET readonly = 1');
    this.#asksReadOnly = true;
    try {
      const probe = await this.#client.query({ query: 'SELECT 1', format: 'JSONEachRow', ...READ_ONLY });
      await probe.text();
    } catch (cause) {
      // The server's user may read only and may not even say so again. Only a fixed query can tell: one with a setting of its
      // own could earn the same refusal.
      if (!isReadOnlyAlready(cause)) throw storeError('Asking the server for read-only queries', cause);
      this.#asksReadOnly = false;
    }
  }

  /** Waits for nothing: call it when the last insert is done. Safe to call again. */
  async close(): Promise<void> {
    await this.#client.close();
    if (this.#stagingPath !== null) await rm(this.#stagingPath, { force: true });
  }
}

type Connection = NonNullable<ClickHouseClientConfigOptions['connection']>;

function connect(engine: typeof import('chdb/connection'), path: string): Connection {
  try {
    // It implements the client's own interface, but is typed by a second copy of it.
    return engine.createChdbConnection({ path }) as unknown as Connection;
  } catch (cause) {
    throw openFailure(path, cause);
  }
}

async function loadEngine(): Promise<typeof import('chdb/connection')> {
  try {
    return await import('chdb/connection');
  } catch (cause) {
    throw new SqltrailError(
      'store_unavailable',
      'The embedded ClickHouse engine (chdb) is not installed or does not run on this platform.',
      'Install it with `npm install chdb`, store nothing with `run --store none`, or keep the trail on a ClickHouse server (docs/operations.md).',
      { cause },
    );
  }
}

function embeddedSettings(purpose: ClientPurpose): string {
  const memory = purpose === 'write' ? WRITER_MEMORY_BYTES : Math.floor(totalmem() * READER_MEMORY_SHARE);
  const spill = Math.floor(memory / 2);
  return `SET async_insert = 0, max_memory_usage = ${memory}, max_bytes_before_external_sort = ${spill}, max_bytes_before_external_group_by = ${spill}, output_format_json_escape_forward_slashes = 0`;
}

function isReadOnlyAlready(cause: unknown): boolean {
  return isEngineError(cause) && cause.code === '164' && /'readonly'/.test(cause.message);
}

async function* lines(stream: AsyncIterable<readonly { readonly text: string }[]>): AsyncIterable<string[]> {
  for await (const rows of stream) yield rows.map((row) => row.text);
}

function namesOf(structure: string): string {
  return [...structure.matchAll(/(?:^|, )([a-z_]+) [A-Z]/g)].map((match) => match[1]).join(', ');
}
