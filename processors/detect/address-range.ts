import { BlockList, isIP } from 'node:net';

/** Addresses of a network, or one alone. */
export interface AddressRange {
  holds(address: string): boolean;
}

/** Reads `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`; null where it is none of these. */
export function addressRange(text: string): AddressRange | null {
  const [address, bits, ...more] = text.split('/') as [string, string | undefined, ...string[]];
  const version = isIP(address);
  if (version === 0 || more.length > 0) return null;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const most = version === 4 ? 32 : 128;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(length >= 0 && length <= most)) return null;
  const list = new BlockList();
  list.addSubnet(address, length, family);
  return {
    holds: (candidate) => {
      const is = isIP(candidate);
      return is !== 0 && list.check(candidate, is === 4 ? 'ipv4' : 'ipv6');
    },
  };
}
