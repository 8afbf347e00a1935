// Hot path
import { ipBehindEtherType } from './ether-type.ts';
import { MALFORMED } from './verdict.ts';

/** Where the IP header of an Ethernet frame that begins at `start` is, or a verdict. */
export function ipBehindEthernet(bytes: Buffer, start: number, end: number): number {
  if (end - start < 14) return MALFORMED;
  return ipBehindEtherType(bytes, start + 14, end, (bytes[start + 12]! << 8) | bytes[start + 13]!);
}
