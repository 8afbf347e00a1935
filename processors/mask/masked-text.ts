import { cleanText } from '../../schemas/clean-name.ts';
import type { ClientCharset } from './client-charset.ts';
import { characterLength } from './client-charset.ts';

const REPLACEMENT = '\ufffd';
/** Characters of windows-1252 from 0x80 to 0x9F, which TextDecoder of Node 20 takes for control characters. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/**
 * Masked bytes as text that any terminal and any UTF-8 reader takes: bytes without meaning, and characters that could
 * forge what a person sees (controls, bidirectional overrides), become U+FFFD.
 */
export function maskedText(bytes: Uint8Array, length: number, set: ClientCharset): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  if (isAscii(view)) return view.toString('latin1');
  if (set.label === '') return view.toString('latin1').replace(/[\x80-\xff]/g, REPLACEMENT);
  if (set.label === 'windows-1252') return cleanText(view.toString('latin1').replace(/[\x80-\x9f]/g, windowsCharacter));
  return cleanText(set.family === 'pairs' ? pairsText(view, set) : decoder(set.label).decode(view));
}

/** Whether the text holds no byte >= 0x80, so that every character set decodes it alike. */
export function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}

/**
 * Each pair is decoded alone: where the decoder knows no character for a pair it would give back its ASCII trail byte,
 * a quote or backslash that the server never saw as one.
 */
function pairsText(bytes: Buffer, set: ClientCharset): string {
  const decode = decoder(set.label);
  const parts: string[] = [];
  let plainFrom = 0;
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at]! < 0x80) {
      at++;
      continue;
    }
    parts.push(bytes.toString('latin1', plainFrom, at));
    const length = Math.max(1, characterLength(set, bytes, at, bytes.length));
    const character = decode.decode(bytes.subarray(at, at + length));
    parts.push(
      character.length <= 2 && character.charCodeAt(0) >= 0x80 && !character.includes(REPLACEMENT)
        ? character
        : REPLACEMENT,
    );
    at += length;
    plainFrom = at;
  }
  parts.push(bytes.toString('latin1', plainFrom));
  return parts.join('');
}

function windowsCharacter(character: string): string {
  return WINDOWS_1252[character.charCodeAt(0) - 0x80]!;
}

function decoder(label: string): InstanceType<typeof TextDecoder> {
  let found = decoders.get(label);
  if (found === undefined) {
    found = new TextDecoder(label, { ignoreBOM: label === 'utf-8' });
    decoders.set(label, found);
  }
  return found;
}
