import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { wrong } from './check.ts';

const CAP_NET_RAW = 1n << 13n;

/** Whether this process may capture, and with what. @throws SqltrailError with the cure. */
export function checkCapture(environment: NodeJS.ProcessEnv): string {
  const tcpdump = (environment['PATH'] ?? '').split(':').some((folder) => isExecutable(join(folder, 'tcpdump')));
  const cap = hasCap();
  if (!tcpdump && !cap)
    throw wrong('There is neither tcpdump nor the module cap.', 'Install tcpdump, or npm install cap.');
  if (!mayCapture()) {
    throw wrong(
      'This user may not capture.',
      'Run as root, or give the service AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN, as deploy/systemd does.',
    );
  }
  return `This user may capture, with ${[cap ? 'cap' : '', tcpdump ? 'tcpdump' : ''].filter((each) => each !== '').join(' and ')}.`;
}

function hasCap(): boolean {
  try {
    createRequire(import.meta.url).resolve('cap');
    return true;
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function mayCapture(): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return effective !== null && (BigInt(`0x${effective[1]}`) & CAP_NET_RAW) !== 0n;
  } catch {
    return process.getuid?.() === 0;
  }
}
