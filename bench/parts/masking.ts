/**
 * Speed of masking per second of CPU: MB/s and statements/s by kind of statement, over generated statements and, where
 * `../shared/corpora` exists, over real ones. Every statement's literals differ; texts repeat as in production.
 *
 *   npx tsx bench/parts/masking.ts [seconds per set, default 1] [--json]
 *
 * `--json` prints one object of MB/s instead, the median of ROUNDS each, ordinary statements of a shop in turn first.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Masker } from '../../processors/mask/masker.ts';
import { type SqlMode, SqlText } from '../../schemas/sql-text.ts';

const MODE: SqlMode = { charset: 'utf8mb4', noBackslashEscapes: false, ansiQuotes: false };
const CORPORA = join(import.meta.dirname, '../../../shared/corpora');
const isJson = process.argv.includes('--json');
const seconds = Number(process.argv.slice(2).find((argument) => argument !== '--json') ?? 1);
const ROUNDS = 9;

let random = 1;
function number(below: number): number {
  random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
  return random % below;
}

const word = () => (number(1 << 30) + (1 << 24)).toString(36);
const rows = (count: number) =>
  Array.from({ length: count }, () => `(${number(1e6)},'${word()} ${word()}',NULL,${number(999)}.5)`).join(',');
const KINDS: Record<string, () => string> = {
  point_select: () => `SELECT c FROM sbtest${number(8)} WHERE id=${number(1e6)}`,
  range_select: () =>
    `SELECT SUM(k) FROM sbtest1 WHERE id BETWEEN ${number(1e6)} AND ${number(1e6)} ORDER BY c LIMIT 100`,
  update: () =>
    `UPDATE accounts SET balance = balance - ${number(999)}, note = 'to ${word()}' WHERE id = ${number(1e6)}`,
  insert: () =>
    `INSERT INTO orders (id, customer, note, total, at) VALUES (${number(1e6)}, '${word()}', '${word()} it\\'s', ${number(1e5)}.25, NOW())`,
  orm_join: () =>
    `SELECT \`User\`.\`id\`, \`User\`.\`name\`, \`User\`.\`email\`, \`posts\`.\`id\` AS \`posts.id\`, \`posts\`.\`title\` AS \`posts.title\` FROM \`Users\` AS \`User\` LEFT OUTER JOIN \`Posts\` AS \`posts\` ON \`User\`.\`id\` = \`posts\`.\`userId\` WHERE (\`User\`.\`email\` = '${word()}@example.org' AND \`User\`.\`active\` = true) ORDER BY \`User\`.\`id\` ASC LIMIT ${number(100)}, 20`,
  long_list: () => `SELECT * FROM t WHERE id IN (${Array.from({ length: 500 }, () => number(1e6)).join(', ')})`,
  bulk_insert: () => `INSERT INTO t (a, b, c, d) VALUES ${rows(200)}`,
  blob: () => `INSERT INTO files VALUES (${number(1e6)}, '${'0123456789abcdef'.repeat(512)}')`,
};

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
    Array.from({ length: count }, (_, n) => `SELECT c${n}, ${word()} FROM t${n % 97} WHERE k${n} = ${n} AND b > 5`),
  );
  const masker = new Masker();
  const start = cpuSeconds();
  for (const text of set) masker.mask(text);
  const elapsed = cpuSeconds() - start;
  process.stdout.write(
    `${'every statement new'.padEnd(44)} ${((elapsed / count) * 1e6).toFixed(1)} µs a statement over ${count}\n`,
  );
}

/** What an application sends all day: equal parts of these, in turn. */
const OLTP = ['point_select', 'range_select', 'insert', 'update', 'orm_join'];
const made = new Map(
  Object.entries(KINDS).map(([name, make]) => {
    const count = name === 'bulk_insert' || name === 'blob' ? 100 : 2000;
    return [name, texts(Array.from({ length: count }, make))] as const;
  }),
);
measure(
  'oltp_mix',
  Array.from({ length: 10_000 }, (_, n) => made.get(OLTP[n % OLTP.length]!)![Math.floor(n / OLTP.length)]!),
);
for (const [name, set] of made) measure(name, set);
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
