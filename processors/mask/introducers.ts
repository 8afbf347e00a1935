// Hot path
const NAMES: readonly string[] =
  'armscii8 ascii big5 binary cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 cp932 dec8 eucjpms euckr gb18030 gb2312 gbk geostd8 greek hebrew hp8 keybcs2 koi8r koi8u latin1 latin2 latin5 latin7 macce macroman sjis swe7 tis620 ucs2 ujis utf16 utf16le utf32 utf8 utf8mb3 utf8mb4'.split(
    ' ',
  );
const BYTES: readonly Uint8Array[] = NAMES.map((name) => Uint8Array.from(Buffer.from(`_${name}`)));

/** Whether `bytes[start, end)` is `_` and the name of a character set, in any case: part of the literal that follows. */
export function isIntroducer(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  for (let n = 0; n < BYTES.length; n++) {
    const name = BYTES[n]!;
    if (name.length !== length) continue;
    let i = 1;
    while (i < length && lower(bytes[start + i]!) === name[i]) i++;
    if (i === length) return true;
  }
  return false;
}

/** N, X and B make one literal with a quote that follows at once. */
export function isLiteralPrefix(c: number): boolean {
  const letter = c | 0x20;
  return letter === 0x6e || letter === 0x78 || letter === 0x62;
}

function lower(c: number): number {
  return c >= 0x41 && c <= 0x5a ? c | 0x20 : c;
}
