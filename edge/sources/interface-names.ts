import { readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** The interfaces a capture can name, for messages. Those without an address (mirror ports) count on Linux alone. */
export function interfaceNames(): string[] {
  try {
    return ['any', ...readdirSync('/sys/class/net').sort()];
  } catch {
    return Object.keys(networkInterfaces()).sort();
  }
}
