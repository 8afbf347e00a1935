import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

interface Session {
  queryAsync(sql: string, options: { format: string }): Promise<{ bytes(): Uint8Array }>;
  close(): void;
}

/** Parameters of a request that are no settings. */
const NO_SETTINGS = new Set([
  'query',
  'query_id',
  'session_id',
  'database',
  'default_format',
  'user',
  'password',
  'role',
  'compress',
  'decompress',
  'enable_http_compression',
  'wait_end_of_query',
  'buffer_size',
  'readonly',
]);
const READS = /^\s*(\/\*.*?\*\/\s*)*\(*\s*(SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS|VALUES)\b/is;
const NATIVE_INSERT =
  /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([^\s(]+)\s*(?:\(([^)]*)\))?\s*(SETTINGS\s.*?)?\s*FORMAT\s+Native\s*$/is;

/** One embedded engine and what a request of the HTTP interface means to it. */
export class EngineSession {
  readonly #session: Session;
  readonly #stagingPath: string;

  /** @param grants What the engine's user may do; empty: everything. */
  constructor(directory: string, grants: readonly string[]) {
    mkdirSync(directory, { recursive: true });
    this.#stagingPath = join(directory, 'front-insert.native');
    const { Session } = createRequire(import.meta.url)('chdb') as {
      Session: new (path: string, options: { connectionArgs: string[] }) => Session;
    };
    const connectionArgs = grants.length === 0 ? [] : [`--config-file=${writeUsers(directory, grants)}`];
    this.#session = new Session(directory, { connectionArgs });
  }

  /**
   * Runs one request. Settings hold for it alone, though the engine keeps them for its session.
   *
   * @throws Error of the engine, with its code in the text.
   */
  async run(parameters: URLSearchParams, body: Buffer, isReadOnlyMethod: boolean): Promise<Uint8Array> {
    const isReadOnly = isReadOnlyMethod || (parameters.get('readonly') ?? '0') !== '0';
    const inQuery = parameters.get('query') ?? '';
    const query = inQuery === '' ? body.toString() : inQuery;
    if (isReadOnly && !READS.test(query))
      throw new Error('Code: 164. DB::Exception: Cannot execute query in readonly mode. (READONLY)');
    const settings = [...parameters].filter(([name]) => !NO_SETTINGS.has(name));
    try {
      await this.#ask(`USE ${parameters.get('database') || 'default'}`);
      for (const [name, value] of settings) await this.#ask(`SET ${name} = ${quote(value)}`);
      return await this.#ask(
        this.#rewrite(query, inQuery === '' ? null : body, isReadOnly),
        parameters.get('default_format') ?? 'TabSeparated',
      );
    } finally {
      for (const [name] of settings) {
        if (!name.startsWith('param_')) await this.#ask(`SET ${name} = DEFAULT`).catch(() => null);
      }
      rmSync(this.#stagingPath, { force: true });
    }
  }

  /** The engine takes binary data from a file only, and text behind the query. */
  #rewrite(query: string, data: Buffer | null, isReadOnly: boolean): string {
    const insert = NATIVE_INSERT.exec(query);
    if (insert === null || data === null) {
      if (isReadOnly) return `${query}\nSETTINGS readonly = 1`;
      return data === null || data.length === 0 ? query : `${query}\n${data.toString()}`;
    }
    writeFileSync(this.#stagingPath, data);
    const [, table = '', columns, settings] = insert;
    const list = columns === undefined ? '' : ` (${columns})`;
    const more = `max_insert_threads = 1, storage_file_read_method = 'pread'`;
    return `INSERT INTO ${table}${list} ${settings === undefined ? 'SETTINGS' : `${settings},`} ${more} SELECT ${columns ?? '*'} FROM file(${quote(this.#stagingPath)}, Native)`;
  }

  async #ask(sql: string, format = 'TabSeparated'): Promise<Uint8Array> {
    return (await this.#session.queryAsync(sql, { format })).bytes();
  }

  close(): void {
    this.#session.close();
  }
}

/** Users of an engine whose only user, whom each connection is, may do no more than this. */
function writeUsers(directory: string, grants: readonly string[]): string {
  const users = join(directory, 'front-users.xml');
  // What handing blocks over by a file takes, and a server would not need.
  const all = [...grants, 'GRANT READ ON FILE', 'GRANT CREATE TEMPORARY TABLE ON *.*'];
  const queries = all.map((grant) => `<query>${grant}</query>`).join('');
  writeFileSync(
    users,
    `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota><grants>${queries}</grants></default></users></clickhouse>`,
  );
  const config = join(directory, 'front-config.xml');
  writeFileSync(config, `<clickhouse><users_config>${users}</users_config></clickhouse>`);
  return config;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
