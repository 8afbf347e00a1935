/**
 * Collation id → character set name, from MySQL's INFORMATION_SCHEMA.COLLATIONS and MariaDB's. Ranges are inclusive.
 * MariaDB adds 1024 for NOPAD variants and lays its UCA-14.0.0 collations from 2048 on, 256 ids a character set.
 */
const RANGES: readonly (readonly [charset: string, ...ids: (number | readonly [number, number])[]])[] = [
  ['big5', 1, 84],
  ['latin2', 2, 9, 21, 27, 77],
  ['dec8', 3, 69],
  ['cp850', 4, 80],
  ['latin1', 5, 8, 15, 31, [47, 49], 94],
  ['hp8', 6, 72],
  ['koi8r', 7, 74],
  ['swe7', 10, 82],
  ['ascii', 11, 65],
  ['ujis', 12, 91],
  ['sjis', 13, 88],
  ['cp1251', 14, 23, [50, 52]],
  ['hebrew', 16, 71],
  ['tis620', 18, 89],
  ['euckr', 19, 85],
  ['latin7', 20, 41, 42, 79],
  ['koi8u', 22, 75],
  ['gb2312', 24, 86],
  ['greek', 25, 70],
  ['cp1250', 26, 34, 44, 66, 99],
  ['gbk', 28, 87],
  ['cp1257', 29, 58, 59],
  ['latin5', 30, 78],
  ['armscii8', 32, 64],
  ['utf8mb3', 33, 76, 83, [192, 223], [576, 607], [2048, 2303]],
  ['ucs2', 35, 90, [128, 159], [640, 671], [2560, 2815]],
  ['cp866', 36, 68],
  ['keybcs2', 37, 73],
  ['macce', 38, 43],
  ['macroman', 39, 53],
  ['cp852', 40, 81],
  ['utf8mb4', 45, 46, [224, 247], [255, 323], [608, 639], [2304, 2559]],
  ['utf16', 54, 55, [101, 124], [672, 703], [2816, 3071]],
  ['utf16le', 56, 62],
  ['cp1256', 57, 67],
  ['utf32', 60, 61, [160, 183], [736, 767], [3072, 3327]],
  ['binary', 63],
  ['geostd8', 92, 93],
  ['cp932', 95, 96],
  ['eucjpms', 97, 98],
  ['gb18030', [248, 250]],
];

const BY_COLLATION = new Map<number, string>();
for (const [charset, ...ids] of RANGES) {
  for (const id of ids) {
    const [from, to] = typeof id === 'number' ? [id, id] : id;
    for (let at = from; at <= to; at++) BY_COLLATION.set(at, charset);
  }
}

/** Character set of a collation id as MySQL spells it; empty when the id is not known. */
export function charsetOfCollation(id: number): string {
  const found = BY_COLLATION.get(id);
  if (found !== undefined) return found;
  return id >= 1024 && id < 2048 ? (BY_COLLATION.get(id - 1024) ?? '') : '';
}
