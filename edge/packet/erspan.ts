// Hot path
import { ipBehindEthernet } from './ethernet.ts';
import { MALFORMED, NOT_IP } from './verdict.ts';

const FRAME_ETHERNET = 0;
const FRAME_IP = 2;

/**
 * Follows an ERSPAN header to the IP header of the mirrored frame. Its first nibble tells the type: 1 is type II (8 bytes), 2 is type III
 * (12 bytes, 8 more where the O bit announces a platform's own, and a frame that may begin with IP).
 * Source: draft-foschiano-erspan-03, 4.2 and 4.3. Type I has no header: see gre.ts.
 * @param at Offset of the GRE payload.
 */
export function ipBehindErspan(bytes: Buffer, at: number, end: number): number {
  if (end - at < 8) return MALFORMED;
  const version = bytes[at]! >> 4;
  if (version === 1) return ipBehindEthernet(bytes, at + 8, end);
  if (version !== 2) return NOT_IP;
  if (end - at < 12) return MALFORMED;
  const frameType = (bytes[at + 10]! >> 2) & 0x1f;
  const frameAt = at + 12 + ((bytes[at + 11]! & 1) << 3);
  if (frameType === FRAME_ETHERNET) return ipBehindEthernet(bytes, frameAt, end);
  return frameType === FRAME_IP ? frameAt : NOT_IP;
}
