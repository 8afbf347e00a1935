/**
 * Status flags in OK and EOF.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html#a1d854e841086925be1883e4d7b4e8cad
 */
export const SERVER_STATUS = {
  inTransaction: 0x1,
  autocommit: 0x2,
  moreResults: 0x8,
  noGoodIndexUsed: 0x10,
  noIndexUsed: 0x20,
  cursorExists: 0x40,
  lastRowSent: 0x80,
  noBackslashEscapes: 0x200,
  psOutParams: 0x1000,
  sessionStateChanged: 0x4000,
} as const;
