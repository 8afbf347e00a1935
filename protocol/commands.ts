/**
 * The first byte of a command message.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/my__command_8h.html · MariaDB: https://mariadb.com/kb/en/2-text-protocol/
 */
export const COMMAND = {
  sleep: 0x00,
  quit: 0x01,
  initDb: 0x02,
  query: 0x03,
  fieldList: 0x04,
  createDb: 0x05,
  dropDb: 0x06,
  refresh: 0x07,
  shutdown: 0x08,
  statistics: 0x09,
  processInfo: 0x0a,
  connect: 0x0b,
  processKill: 0x0c,
  debug: 0x0d,
  ping: 0x0e,
  time: 0x0f,
  delayedInsert: 0x10,
  changeUser: 0x11,
  binlogDump: 0x12,
  tableDump: 0x13,
  connectOut: 0x14,
  registerSlave: 0x15,
  prepare: 0x16,
  execute: 0x17,
  sendLongData: 0x18,
  close: 0x19,
  reset: 0x1a,
  setOption: 0x1b,
  fetch: 0x1c,
  daemon: 0x1d,
  binlogDumpGtid: 0x1e,
  resetConnection: 0x1f,
  clone: 0x20,
  subscribeGroupReplication: 0x21,
  /** MariaDB: COM_STMT_BULK_EXECUTE */
  bulkExecute: 0xfa,
} as const;

/**
 * What the server answers with. `once` is one OK, EOF or ERR; `text` is one packet without a header byte; `stream` is
 * one-way until the end of the connection.
 */
export const RESPONSE = {
  none: 0,
  once: 1,
  text: 2,
  /** OK, ERR, LOCAL INFILE request or result sets. */
  results: 3,
  prepare: 4,
  /** Column definitions without a count, up to EOF. */
  fields: 5,
  /** Rows of an open cursor, up to EOF. */
  rows: 6,
  /** The auth exchange, up to OK or ERR. */
  auth: 7,
  stream: 8,
} as const;

export type ResponseShape = (typeof RESPONSE)[keyof typeof RESPONSE];

const NAMES: Record<keyof typeof COMMAND, string> = {
  sleep: 'sleep',
  quit: 'quit',
  initDb: 'init_db',
  query: 'query',
  fieldList: 'field_list',
  createDb: 'create_db',
  dropDb: 'drop_db',
  refresh: 'refresh',
  shutdown: 'shutdown',
  statistics: 'statistics',
  processInfo: 'process_info',
  connect: 'connect_internal',
  processKill: 'process_kill',
  debug: 'debug',
  ping: 'ping',
  time: 'time',
  delayedInsert: 'delayed_insert',
  changeUser: 'change_user',
  binlogDump: 'binlog_dump',
  tableDump: 'table_dump',
  connectOut: 'connect_out',
  registerSlave: 'register_slave',
  prepare: 'prepare',
  execute: 'execute',
  sendLongData: 'send_long_data',
  close: 'close',
  reset: 'reset',
  setOption: 'set_option',
  fetch: 'fetch',
  daemon: 'daemon',
  binlogDumpGtid: 'binlog_dump_gtid',
  resetConnection: 'reset_connection',
  clone: 'clone',
  subscribeGroupReplication: 'subscribe_group_replication',
  bulkExecute: 'bulk_execute',
};

/** Name of a command by its first byte, lower case without COM_ and STMT_; empty for a byte that is no command. */
export const COMMAND_NAME: readonly string[] = (() => {
  const names = new Array<string>(256).fill('');
  for (const [key, code] of Object.entries(COMMAND)) names[code] = NAMES[key as keyof typeof COMMAND];
  return names;
})();

/** Shape of the response by the command's first byte; unknown commands are answered by one packet. */
export const COMMAND_RESPONSE: Uint8Array = (() => {
  const shapes = new Uint8Array(256).fill(RESPONSE.once);
  const set = (shape: ResponseShape, ...commands: number[]) => {
    for (const command of commands) shapes[command] = shape;
  };
  set(RESPONSE.none, COMMAND.quit, COMMAND.sendLongData, COMMAND.close);
  set(RESPONSE.text, COMMAND.statistics);
  set(RESPONSE.results, COMMAND.query, COMMAND.execute, COMMAND.bulkExecute, COMMAND.processInfo);
  set(RESPONSE.prepare, COMMAND.prepare);
  set(RESPONSE.fields, COMMAND.fieldList);
  set(RESPONSE.rows, COMMAND.fetch);
  set(RESPONSE.auth, COMMAND.changeUser);
  set(
    RESPONSE.stream,
    COMMAND.binlogDump,
    COMMAND.binlogDumpGtid,
    COMMAND.tableDump,
    COMMAND.subscribeGroupReplication,
    COMMAND.clone,
  );
  return shapes;
})();
