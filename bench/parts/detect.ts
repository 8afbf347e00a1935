/**
 * What detection costs beside masking, by statement kind, in one run: CPU time a statement, texts that were seen before.
 * `npx tsx bench/parts/detect.ts [--json] [SECONDS]`
 */
import { Detect } from '../../processors/detect/detect.ts';
import { FeaturePass } from '../../processors/detect/features/feature-pass.ts';
import { FeatureReader } from '../../processors/detect/features/feature-reader.ts';
import { loadRules } from '../../processors/detect/load-rules.ts';
import { clientCharset } from '../../processors/mask/client-charset.ts';
import { Masker } from '../../processors/mask/masker.ts';
import { AuditEvent } from '../../schemas/audit-event.ts';
import { type SqlMode, SqlText } from '../../schemas/sql-text.ts';
import { statementSets } from './masking-statements.ts';

const MODE: SqlMode = { charset: 'utf8mb4', noBackslashEscapes: false, ansiQuotes: false };
const ROUNDS = 9;
const isJson = process.argv.includes('--json');
const seconds = Number(process.argv.slice(2).find((argument) => argument !== '--json') ?? 1);
const CONNECTION = { uid: '', serverId: '', clientAddress: '', clientPort: 0, serverAddress: '', serverPort: 0 };

const masker = new Masker();
const reader = new FeatureReader();
const detect = new Detect(loadRules());

function textOf(sql: string): SqlText {
  const bytes = Buffer.from(sql);
  return new SqlText(bytes, 0, bytes.length, MODE);
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** µs of CPU a statement: the median of ROUNDS. */
function costOf(count: number, work: () => void): number {
  work();
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let times = 0;
    let elapsed = 0;
    for (const start = cpuMicros(); elapsed < (seconds * 1e6) / ROUNDS; elapsed = cpuMicros() - start) {
      work();
      times++;
    }
    costs.push(elapsed / times / count);
  }
  return costs.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

const ATTACKS = [
  'SELECT name FROM books WHERE id = 7 AND ORD(MID((SELECT IFNULL(CAST(pin AS NCHAR),0x20) FROM staff ORDER BY id LIMIT 0,1),1,1))>64',
  "SELECT name FROM books WHERE author = 'x' UNION ALL SELECT NULL,CONCAT(0x71626b71,USER(),0x7176707a71)-- ' AND stock > 0",
  "SELECT name FROM books WHERE id = 7;SELECT IF((65=65),SLEEP(1),3125)#' LIMIT 1",
];
const BUILDER = ["SELECT ID FROM posts WHERE 1=1 AND kind = 'post' AND state = 'publish' ORDER BY at DESC LIMIT 0, 10"];
const COMMENTED = ["SELECT c FROM books WHERE id = 12 /* controller='books', action='show' */"];

const results: Record<string, { masking: number; detection: number }> = {};
const sets = new Map(statementSets());
sets.set('where_1=1', BUILDER);
sets.set('traced', COMMENTED);
sets.set('attacks', ATTACKS);
for (const [name, statements] of sets) {
  const texts = statements.map(textOf);
  const events = texts.map(() => new AuditEvent(CONNECTION));
  const masking = costOf(texts.length, () => {
    for (const text of texts) masker.mask(text);
  });
  // What masking hands over; its own time is not counted twice.
  const masked = texts.map((text) => ({ statement: masker.mask(text), isExact: masker.isExact }));
  const detection = costOf(texts.length, () => {
    for (let i = 0; i < texts.length; i++) {
      const event = events[i]!;
      const text = texts[i]!;
      const { statement, isExact } = masked[i]!;
      text.features = reader.ofStatement(text, statement, isExact);
      event.sql = text;
      event.statement = statement;
      event.features = reader.ofEvent(event);
      detect.apply(event);
    }
  });
  results[name] = { masking: Math.round(masking * 100) / 100, detection: Math.round(detection * 100) / 100 };
  if (!isJson)
    process.stdout.write(
      `${name.padEnd(16)} masking ${masking.toFixed(2).padStart(8)} µs   detection ${detection.toFixed(2).padStart(8)} µs\n`,
    );
}

/** Texts made to be slow: time must grow with their length alone. */
const HOSTILE: Record<string, (size: number) => string> = {
  'nested parentheses': (n) => `SELECT a FROM t WHERE b = ${'('.repeat(n)}1${')'.repeat(n)}`,
  'nested calls': (n) => `SELECT a FROM t WHERE b = ${'ord(mid('.repeat(n)}1${'))'.repeat(n)}`,
  'IN list': (n) => `SELECT a FROM t WHERE b IN (${'1234567,'.repeat(n)}1)`,
  'OR chain': (n) => `SELECT a FROM t WHERE b = 1${' OR 2 = 3'.repeat(n)}`,
  'RLIKE chain': (n) => `SELECT a FROM t WHERE b = 1${' RLIKE 2'.repeat(n)}`,
  'union chain': (n) => `SELECT a FROM t${' UNION SELECT 1,2,3'.repeat(n)}`,
  semicolons: (n) => `SELECT a FROM t${';SELECT 1'.repeat(n)}`,
  'nested selects': (n) => `SELECT a FROM t WHERE b = ${'(SELECT '.repeat(n)}1${')'.repeat(n)}`,
  group_concat: (n) => `SELECT ${'group_concat(0x3a,'.repeat(n)}1${')'.repeat(n)} FROM t`,
  'quotes in a string': (n) => `SELECT a FROM t WHERE b = '${"x'' OR 1=1 -- ".repeat(n)}'`,
};
for (const [name, make] of Object.entries(HOSTILE)) {
  const pass = new FeaturePass();
  const cost = (tokens: number): number => {
    const bytes = Buffer.from(make(tokens));
    const start = cpuMicros();
    pass.run(bytes, 0, bytes.length, clientCharset('utf8mb4'), false, false);
    return cpuMicros() - start;
  };
  cost(12_500);
  const small = cost(12_500);
  const large = cost(100_000);
  if (!isJson)
    process.stdout.write(
      `${name.padEnd(20)} 12,500 times ${(small / 1000).toFixed(1)} ms, 100,000 times ${(large / 1000).toFixed(1)} ms\n`,
    );
}
if (isJson) process.stdout.write(`${JSON.stringify(results)}\n`);
