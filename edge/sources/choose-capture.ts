import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { SqltrailError } from '../../runtime/errors.ts';

const PROBE_LIMIT_MS = 5_000;

export interface CaptureChoice {
  readonly capture: 'tcpdump' | 'cap';
  /** A sentence for the user: which one and why. */
  readonly reason: string;
}

/**
 * The better way to capture on an interface that this machine has: tcpdump where it may be used (kernel timestamps, drop counters), else cap.
 * Where tcpdump is refused for another reason than permission, it is still the choice: its source then says what is wrong.
 * @throws SqltrailError `capture_unavailable` where there is neither.
 */
export async function chooseCapture(interfaceName: string): Promise<CaptureChoice> {
  const tcpdump = await probeTcpdump(interfaceName);
  if (tcpdump === 'usable') {
    return { capture: 'tcpdump', reason: 'Capturing with tcpdump: it has kernel timestamps and counts drops.' };
  }
  const hasCap = isCapBuilt();
  if (hasCap) {
    const why = tcpdump === 'absent' ? 'tcpdump is not installed' : 'this user may not use tcpdump';
    return {
      capture: 'cap',
      reason: `Capturing with cap, as ${why}: its times are less exact and it does not count drops.`,
    };
  }
  if (tcpdump === 'forbidden') {
    return { capture: 'tcpdump', reason: 'Capturing with tcpdump, the only way of capture that is installed.' };
  }
  throw new SqltrailError(
    'capture_unavailable',
    'there is nothing to capture with: neither tcpdump nor the module cap is installed',
    'Install tcpdump (apt install tcpdump), or libpcap-dev and a C++ compiler and run npm rebuild cap.',
  );
}

/** `-d` opens the interface, prints the program of a filter and ends: what opening needs, it needs too. */
function probeTcpdump(interfaceName: string): Promise<'usable' | 'forbidden' | 'absent'> {
  return new Promise((resolve) => {
    const options = { timeout: PROBE_LIMIT_MS, env: { ...process.env, LC_ALL: 'C' } };
    execFile('tcpdump', ['-i', interfaceName, '-d', 'tcp'], options, (error, _stdout, stderr) => {
      if (error === null) resolve('usable');
      else if (typeof error.code === 'string') resolve('absent');
      else resolve(/permission|not permitted/i.test(stderr) ? 'forbidden' : 'usable');
    });
  });
}

function isCapBuilt(): boolean {
  try {
    createRequire(import.meta.url).resolve('cap/build/Release/cap.node');
    return true;
  } catch {
    return false;
  }
}
