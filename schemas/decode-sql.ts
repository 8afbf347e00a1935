import { TextDecoder } from 'node:util';
import type { SqlText } from './sql-text.ts';

/**
 * MySQL's client character sets as the encoding standard names them (https://encoding.spec.whatwg.org/#names-and-labels).
 * MySQL's latin1 is windows-1252. Sets that standard lacks (dec8, cp850, swe7 …) are read as windows-1252: the ASCII of
 * the SQL itself is right, other characters may differ.
 */
const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['utf8', 'utf-8'],
  ['utf8mb3', 'utf-8'],
  ['utf8mb4', 'utf-8'],
  ['ascii', 'utf-8'],
  ['binary', 'utf-8'],
  ['', 'utf-8'],
  ['latin1', 'windows-1252'],
  ['latin2', 'iso-8859-2'],
  ['latin5', 'windows-1254'],
  ['latin7', 'iso-8859-13'],
  ['greek', 'iso-8859-7'],
  ['hebrew', 'iso-8859-8'],
  ['cp1250', 'windows-1250'],
  ['cp1251', 'windows-1251'],
  ['cp1256', 'windows-1256'],
  ['cp1257', 'windows-1257'],
  ['cp866', 'ibm866'],
  ['koi8r', 'koi8-r'],
  ['koi8u', 'koi8-u'],
  ['macroman', 'macintosh'],
  ['tis620', 'windows-874'],
  ['gbk', 'gbk'],
  ['gb2312', 'gbk'],
  ['gb18030', 'gb18030'],
  ['big5', 'big5'],
  ['sjis', 'shift_jis'],
  ['cp932', 'shift_jis'],
  ['ujis', 'euc-jp'],
  ['eucjpms', 'euc-jp'],
  ['euckr', 'euc-kr'],
  ['ucs2', 'utf-16be'],
  ['utf16', 'utf-16be'],
  ['utf16le', 'utf-16le'],
]);

const decoders = new Map<string, TextDecoder>();

/** The unmasked text as Unicode, read in its client character set; what is invalid in it becomes U+FFFD. Never throws. */
export function decodeSql(sql: SqlText): string {
  const encoding = ENCODINGS.get(sql.mode.charset.toLowerCase()) ?? 'windows-1252';
  if (encoding === 'windows-1252') return decodeWindows1252(sql.bytes, sql.start, sql.end);
  return decoderOf(encoding).decode(sql.bytes.subarray(sql.start, sql.end));
}

/** What windows-1252 has where ISO 8859-1 has the control characters U+0080 to U+009F. */
const WINDOWS_1252_80 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** By hand: TextDecoder of Node 20 takes windows-1252 for ISO 8859-1. */
function decodeWindows1252(bytes: Buffer, start: number, end: number): string {
  return bytes
    .toString('latin1', start, end)
    .replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252_80[character.charCodeAt(0) - 0x80]!);
}

function decoderOf(encoding: string): TextDecoder {
  let decoder = decoders.get(encoding);
  if (decoder === undefined) {
    decoder = newDecoder(encoding);
    decoders.set(encoding, decoder);
  }
  return decoder;
}

/** A Node built with reduced ICU knows few encodings: bytes are then read as UTF-8 rather than not at all. */
function newDecoder(encoding: string): TextDecoder {
  // Elsewhere there is no mark to ignore, and Node 20 then drops a leading byte 0xff.
  const options = encoding.startsWith('utf-') ? { ignoreBOM: true } : {};
  try {
    return new TextDecoder(encoding, options);
  } catch {
    return new TextDecoder('utf-8', { ignoreBOM: true });
  }
}
