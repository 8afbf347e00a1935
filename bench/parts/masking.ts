/**
 * Speed of masking per second of CPU: MB/s and statements/s by kind of statement, over generated statements and, where
 * `../shared/corpora` exists, over real ones. Every statement's literals differ; texts repeat as in production.
 *
 *   npx tsx bench/parts/masking.ts [seconds per set, default 1] [--json]
 *
 * `--json` prints one object of MB/s instead, the median of ROUNDS each, the mixes first.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Masker } from '../../processors/mask/masker.ts';
import { type SqlMode, SqlText } from '../../schemas/sql-text.ts';
import { statementSets } from './masking-statements.ts';

const MODE: SqlMode = { charset: 'utf8mb4', noBackslashEscapes: false, ansiQuotes: false };
const CORPORA = join(import.meta.dirname, '../../../shared/corpora');
const isJson = process.argv.includes('--json');
const seconds = Number(process.argv.slice(2).find((argument) => argument !== '--json') ?? 1);
const ROUNDS = 9;

function texts(statements: readonly string[]): SqlText[] {
  return statements.map((sql) => {
    const bytes = Buffer.from(sql);
    return new SqlText(bytes, 0, bytes.length, MODE);
  });
}

/** CPU time of this process: other work on the machine does not count. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Bytes masked in a microsecond of CPU, which are MB/s: the median of ROUNDS. */
function speedOf(set: readonly SqlText[], masker: Masker): number {
  const bytes = set.reduce((sum, text) => sum + text.end - text.start, 0);
  for (const text of set) masker.mask(text);
  const speeds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let times = 0;
    let elapsed = 0;
    for (const start = cpuSeconds(); elapsed < seconds / ROUNDS; elapsed = cpuSeconds() - start) {
      for (const text of set) masker.mask(text);
      times++;
    }
    speeds.push((bytes * times) / elapsed / 1e6);
  }
  return speeds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

const results: Record<string, number> = {};
const masker = new Masker();

function measure(name: string, set: readonly SqlText[]): void {
  const speed = speedOf(set, masker);
  results[name] = Math.round(speed * 10) / 10;
  if (isJson) return;
  const bytes = set.reduce((sum, text) => sum + text.end - text.start, 0) / set.length;
  const column = (text: string) => text.padStart(12);
  process.stdout.write(
    `${name.padEnd(44)}${column(speed.toFixed(0))} MB/s ${column(((speed * 1e3) / bytes).toFixed(0))} k statements/s ${column(bytes.toFixed(0))} B\n`,
  );
}

/** What a statement of a new kind costs: lexing, digest, tables. */
function measureMisses(count: number): void {
  const set = texts(
    Array.from({ length: count }, (_, n) => `SELECT c${n}, w${n * 7919} FROM t${n % 97} WHERE k${n} = ${n} AND b > 5`),
  );
  const masker = new Masker();
  const start = cpuSeconds();
  for (const text of set) masker.mask(text);
  const elapsed = cpuSeconds() - start;
  process.stdout.write(
    `${'every statement new'.padEnd(44)} ${((elapsed / count) * 1e6).toFixed(1)} µs a statement over ${count}\n`,
  );
}

for (const [name, set] of statementSets()) measure(name, texts(set));
if (!isJson) measureMisses(100_000);

const real: SqlText[] = [];
const files =
  !isJson && existsSync(CORPORA) ? readdirSync(CORPORA).filter((file) => /^(benign|attack_full)_.*gz$/.test(file)) : [];
for (const file of files) {
  const lines = gunzipSync(readFileSync(join(CORPORA, file)))
    .toString('utf8')
    .split('\n')
    .filter(Boolean);
  const set = texts(lines.map((line) => (JSON.parse(line) as { sql?: string }).sql ?? ''));
  real.push(...set);
  measure(file.replace('.jsonl.gz', ''), set);
}
if (real.length > 0) measure('all corpora', real);
if (isJson) process.stdout.write(`${JSON.stringify(results)}\n`);
