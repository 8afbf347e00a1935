import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { madeOnce } from '../../support/made-once.ts';
import { ensureInstalled } from '../../support/packages.ts';

const VERSION = '1.10.10';

/** The program as PyPI has it. */
export function sqlmapPath(): string {
  ensureInstalled('python3');
  const folder = madeOnce(`sqlmap-${VERSION}`, (target) =>
    execFileSync(
      'python3',
      ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', target, `sqlmap==${VERSION}`],
      {
        stdio: 'ignore',
      },
    ),
  );
  return join(folder, 'sqlmap', 'sqlmap.py');
}

/** Runs sqlmap against a URL of this machine until it ends or its time is over. @returns What it said. */
export async function runSqlmap(url: string, args: readonly string[], limitMs: number): Promise<string> {
  const output = mkdtempSync(join(tmpdir(), 'sqltrail-sqlmap-'));
  const all = [
    '-u',
    url,
    '-p',
    'q',
    '--batch',
    '--flush-session',
    '--disable-coloring',
    '--output-dir',
    output,
    '--timeout',
    '20',
    ...args,
  ];
  const child = spawn('python3', [sqlmapPath(), ...all], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  rmSync(output, { recursive: true, force: true });
  return said;
}
