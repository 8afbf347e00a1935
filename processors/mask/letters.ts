const LETTER = /[\p{L}\p{M}\p{Nd}\p{Nl}]/u;
/** By code point of the basic plane; made when it is first asked for, in some 5 ms. */
let basicPlane: Uint8Array | null = null;

/**
 * Whether a character >= U+0080 may be part of a name. The server takes every character for one, also a non-breaking blank or a
 * replacement character before a value (`WHERE id =\ufffd4242`); nothing that follows such a one is taken for a name here.
 */
export function isLetter(codePoint: number): boolean {
  if (codePoint > 0xffff) return codePoint >= 0x20000 && codePoint < 0x40000;
  basicPlane ??= madeTable();
  return basicPlane[codePoint] === 1;
}

function madeTable(): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (let c = 0x80; c < table.length; c++) table[c] = LETTER.test(String.fromCharCode(c)) ? 1 : 0;
  return table;
}
