import { networkInterfaces } from 'node:os';
import { canonicalAddress } from '../../schemas/canonical-address.ts';

/** Every address of this host, in the form of audit events. */
export function ownAddresses(): ReadonlySet<string> {
  const addresses = new Set(['127.0.0.1', '::1']);
  for (const each of Object.values(networkInterfaces()).flat()) {
    const address = each === undefined ? null : canonicalAddress(each.address);
    if (address !== null) addresses.add(address);
  }
  return addresses;
}

/** Whether it is one of them, or any other of the loopback's. */
export function isOwnAddress(address: string, own: ReadonlySet<string>): boolean {
  return own.has(address) || address.startsWith('127.');
}
