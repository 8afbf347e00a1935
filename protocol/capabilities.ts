/**
 * Capability flags of the connection phase, as one unsigned 32-bit word and MariaDB's second word.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html
 * https://mariadb.com/kb/en/connection/#capabilities
 */
export const CAPABILITY = {
  /** CLIENT_LONG_PASSWORD on MySQL; MariaDB servers leave it out to say that the second word below is theirs. */
  longPassword: 0x1,
  connectWithDb: 0x8,
  compress: 0x20,
  localFiles: 0x80,
  protocol41: 0x200,
  ssl: 0x800,
  transactions: 0x2000,
  secureConnection: 0x8000,
  multiStatements: 0x1_0000,
  multiResults: 0x2_0000,
  pluginAuth: 0x8_0000,
  connectAttributes: 0x10_0000,
  pluginAuthLenencData: 0x20_0000,
  sessionTrack: 0x80_0000,
  deprecateEof: 0x100_0000,
  optionalMetadata: 0x200_0000,
  zstdCompression: 0x400_0000,
  queryAttributes: 0x800_0000,
} as const;

/** MariaDB's own flags: the last four of the greeting's ten filler bytes, the last four of the login's 23. */
export const MARIADB_CAPABILITY = {
  progress: 0x1,
  bulkOperations: 0x4,
  extendedMetadata: 0x8,
  cacheMetadata: 0x10,
  bulkUnitResults: 0x20,
} as const;
