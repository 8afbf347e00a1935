/**
 * Type byte of a bound parameter.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html
 */
export const FIELD_TYPE = {
  decimal: 0x00,
  tiny: 0x01,
  short: 0x02,
  long: 0x03,
  float: 0x04,
  double: 0x05,
  null: 0x06,
  timestamp: 0x07,
  longlong: 0x08,
  int24: 0x09,
  date: 0x0a,
  time: 0x0b,
  datetime: 0x0c,
  year: 0x0d,
  newdate: 0x0e,
  timestamp2: 0x11,
  datetime2: 0x12,
  time2: 0x13,
} as const;

/** Second byte of a parameter's type: the integer is unsigned. */
export const UNSIGNED_FLAG = 0x80;
