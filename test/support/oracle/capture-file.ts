import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureInstalled } from '../packages.ts';

const RING_KIB = 256 * 1024;
/** tcpdump hands on what it has at least once a second. */
const DRAIN_MS = 1_200;

export interface CaptureOptions {
  /** Default `lo`. */
  readonly interfaceName?: string;
  /** A program with its arguments that starts tcpdump, such as `ip netns exec NAME`. */
  readonly wrapper?: readonly string[];
}

/**
 * Records a port into a file while the work runs.
 * @throws Error when tcpdump lost a packet: a comparison with the server's log would then blame the wrong one.
 */
export async function captureToFile(
  file: string,
  port: number,
  work: () => Promise<void>,
  options: CaptureOptions = {},
): Promise<void> {
  ensureInstalled('tcpdump');
  const args = ['-i', options.interfaceName ?? 'lo', '-w', file, '-U', '-B', String(RING_KIB), '-s', '0', '-n'];
  const [program, ...rest] = [
    ...(options.wrapper ?? []),
    'tcpdump',
    ...args,
    '-Z',
    'root',
    'tcp',
    'port',
    String(port),
  ];
  const child = spawn(program!, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error(`tcpdump ended: ${stderr}`)));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      if (stderr.includes('listening on')) resolve();
    });
  });
  try {
    await work();
  } finally {
    let size = -1;
    do {
      size = statSync(file).size;
      await sleep(DRAIN_MS);
    } while (statSync(file).size !== size);
    child.kill('SIGINT');
    await exited;
  }
  if (!/^0 packets dropped by kernel/m.test(stderr)) throw new Error(`tcpdump lost packets:\n${stderr}`);
}
