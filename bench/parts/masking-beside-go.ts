/**
 * Masking beside two well-known Go tools in one run, on the same statements and one core each: go-sqllexer (obfuscate and
 * normalize) and go-mysql (fingerprint), built from the module proxy. Prints MB/s and statements/s of CPU time.
 *
 *   npx tsx bench/parts/masking-beside-go.ts [seconds per set, default 1]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statementSets } from './masking-statements.ts';

const seconds = process.argv[2] ?? '1';
const here = import.meta.dirname;
const sets = statementSets();

/** MB/s and statements/s by set. */
type Speeds = Record<string, readonly [number, number]>;

function escaped(sql: string): string {
  return sql.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

function goSpeeds(): Record<string, Speeds> {
  const folder = mkdtempSync(join(tmpdir(), 'sqltrail-masking-'));
  try {
    const tool = join(folder, 'masking');
    execFileSync('go', ['build', '-o', tool, '.'], { cwd: join(here, 'masking-go'), stdio: 'inherit' });
    const file = join(folder, 'statements');
    writeFileSync(file, [...sets].flatMap(([name, set]) => set.map((sql) => `${name}\t${escaped(sql)}\n`)).join(''));
    return JSON.parse(execFileSync(tool, [file, seconds], { encoding: 'utf8' })) as Record<string, Speeds>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ownSpeeds(): Speeds {
  const args = ['--import', 'tsx', join(here, 'masking.ts'), seconds, '--json'];
  const printed = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Record<string, number>;
  return Object.fromEntries(
    [...sets].map(([name, set]) => {
      const bytes = set.reduce((sum, sql) => sum + Buffer.byteLength(sql), 0);
      return [name, [printed[name]!, (printed[name]! * 1e6 * set.length) / bytes] as const];
    }),
  );
}

const tools: Record<string, Speeds> = { sqltrail: ownSpeeds(), ...goSpeeds() };
const names = Object.keys(tools);
process.stdout.write(`${''.padEnd(14)}${names.map((name) => name.padStart(26)).join('')}\n`);
for (const set of sets.keys()) {
  const cells = names.map((name) => {
    const [megabytes, statements] = tools[name]![set]!;
    return `${megabytes.toFixed(0).padStart(6)} MB/s ${(statements / 1000).toFixed(0).padStart(6)} k/s`.padStart(26);
  });
  process.stdout.write(`${set.padEnd(14)}${cells.join('')}\n`);
}
