import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { auditSchema } from '../../schemas/audit-schema.ts';
import { buildPcap } from '../support/capture-builder.ts';
import { parseLines, runCli, startCli } from '../support/cli.ts';

const SHOP = 'demo/shop.pcap';
const directory = mkdtempSync(join(tmpdir(), 'sqltrail-run-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
};

const hasChdb = (() => {
  try {
    createRequire(import.meta.url).resolve('chdb');
    return true;
  } catch {
    return false;
  }
})();

describe('sqltrail run', () => {
  it('prints one event of the published shape per line, and nothing else on standard output', async () => {
    const { code, stdout, stderr } = await runCli(['run', '--read', SHOP, '--store', 'none', '--format', 'ndjson']);
    expect(code).toBe(0);
    const events = parseLines(stdout);
    expect(events.length).toBeGreaterThan(300);
    for (const event of events) expect(auditSchema.safeParse(event).success).toBe(true);
    expect(stderr).toMatch(/packets.*connections.*commands/);
  });

  it('says that it sends no alerts where it has no store to make findings with', async () => {
    const config = file('alerts.yml', 'alerts: { sinks: [{ name: out, kind: stdout }] }');
    const { code, stdout, stderr } = await runCli([
      'run',
      '--read',
      SHOP,
      '--store',
      'none',
      '--format',
      'none',
      '--config',
      config,
    ]);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('sqltrail: No alerts are sent: without a store there are no findings.');
  });

  it('shows no literal of any statement unless it is told to', async () => {
    const masked = await runCli(['run', '--read', SHOP, '--store', 'none', '--format', 'ndjson']);
    expect(masked.stdout).not.toContain('statement_raw');
    const raw = await runCli([
      'run',
      '--read',
      SHOP,
      '--store',
      'none',
      '--format',
      'ndjson',
      '--dangerously-keep-raw',
    ]);
    expect(raw.stdout).toContain('statement_raw');
  });

  it('prints a table whose lines fit the terminal and carry no control characters', async () => {
    const { stdout } = await runCli(['run', '--read', SHOP, '--store', 'none', '--format', 'table']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^TIME +USER +DATABASE +CLIENT +DURATION +ROWS +STATUS +STATEMENT$/);
    expect(lines.length).toBeGreaterThan(300);
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}]/u);
  });

  it('reads from standard input and several files as one capture', async () => {
    const bytes = readFileSync(SHOP);
    const piped = startCli(['run', '--read', '-', '--store', 'none', '--format', 'ndjson'], { stdin: 'pipe' });
    piped.process.stdin!.end(bytes);
    const whole = await runCli(['run', '--read', SHOP, '--store', 'none', '--format', 'ndjson']);
    expect((await piped.outcome).stdout).toBe(whole.stdout);
    const half = cutAtPacket(bytes, 400);
    const first = file('first.pcap', bytes.subarray(0, half));
    const second = file('second.pcap', Buffer.concat([bytes.subarray(0, 24), bytes.subarray(half)]));
    const two = await runCli(['run', '--read', first, '--read', second, '--store', 'none', '--format', 'ndjson']);
    expect(two.stdout).toBe(whole.stdout);
  });

  it('prints what came through a pipe while the pipe stands open', async () => {
    const piped = startCli(['run', '--read', '-', '--store', 'none', '--format', 'ndjson'], { stdin: 'pipe' });
    const whole = await runCli(['run', '--read', SHOP, '--store', 'none', '--format', 'ndjson']);
    let printed = '';
    const allButOpen = new Promise<void>((resolve) => {
      piped.process.stdout!.on('data', (text: string) => {
        printed += text;
        if (parseLines(printed.slice(0, printed.lastIndexOf('\n') + 1)).length >= 300) resolve();
      });
    });
    piped.process.stdin!.write(readFileSync(SHOP));
    await Promise.race([allButOpen, piped.outcome]);
    expect(piped.process.exitCode).toBeNull();
    piped.process.stdin!.end();
    expect((await piped.outcome).stdout).toBe(whole.stdout);
  });

  it('uses the whole packets of a file that was cut and says so', async () => {
    const cut = file('cut.pcap', readFileSync(SHOP).subarray(0, 30_000));
    const { code, stderr } = await runCli(['run', '--read', cut, '--store', 'none']);
    expect(code).toBe(0);
    expect(stderr).toContain('was cut');
  });

  it('says which option is missing where no packet belongs to the watched port', async () => {
    const { code, stderr } = await runCli(['run', '--read', SHOP, '--store', 'none', '--port', '3399']);
    expect(code).toBe(0);
    expect(stderr).toContain('--port');
  });

  it.each([
    ['nothing to read', () => [], 2, '--read FILE'],
    ['an unknown option', () => ['--bogus'], 2, '--help'],
    ['a format that is not there', () => ['--read', SHOP, '--format', 'xml'], 2, 'table'],
    ['a missing file', () => ['--read', join(directory, 'none.pcap')], 1, 'Check the path'],
    ['a directory', () => ['--read', directory], 1, 'Name the capture files'],
    ['a file that is no capture', () => ['--read', 'package.json'], 1, 'tcpdump -w'],
    ['an empty file', () => ['--read', file('empty.pcap', '')], 1, 'empty.pcap'],
    ['a compressed file', () => ['--read', file('a.gz', Buffer.from('1f8b08000000', 'hex'))], 1, 'ecompress'],
  ])('ends with one clear sentence and its cure on %s', async (_, args, exitCode, cure) => {
    const { code, stdout, stderr } = await runCli(['run', '--store', 'none', ...args()]);
    expect(code).toBe(exitCode);
    expect(stdout).toBe('');
    expect(stderr).toContain(cure);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('refuses a capture whose link type it does not read', async () => {
    const odd = file('odd.pcap', buildPcap([{ time: 1n, bytes: Buffer.alloc(60, 7) }], { linkType: 250 }));
    const { code, stderr } = await runCli(['run', '--read', odd, '--store', 'none']);
    expect(code).toBe(1);
    expect(stderr).toContain('link type 250');
    expect(stderr).toContain('Ethernet');
  });

  it('ends quietly when the reader of its output goes away', () => {
    const command = `"${process.execPath}" dist/cli/main.js run --read ${SHOP} --store none --format ndjson 2>/dev/null | head -1`;
    const first = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
    expect(parseLines(first)).toHaveLength(1);
  });

  it('ends quietly when nobody reads its help', () => {
    const unread = `{ { "${process.execPath}" dist/cli/main.js run --help; echo "status $?" >&3; } | true; } 3>&2 2>&1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', unread], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(stderr).toBe('status 0\n');
  });
});

describe.skipIf(!hasChdb)('sqltrail run into the embedded store (left out where chdb is not installed)', () => {
  it('adds no row when the same file is read again', async () => {
    const store = join(directory, 'twice');
    for (let i = 0; i < 2; i++) expect((await runCli(['run', '--read', SHOP, '--store', store])).code).toBe(0);
    const { stdout } = await runCli([
      'query',
      '--sql',
      'SELECT count() AS n, uniqExact(event_id) AS ids FROM audit',
      '--store',
      store,
      '--format',
      'json',
    ]);
    const [row] = JSON.parse(stdout);
    const lines = parseLines((await runCli(['run', '--read', SHOP, '--store', 'none', '--format', 'ndjson'])).stdout);
    expect(Number(row.n)).toBe(lines.length);
    expect(Number(row.ids)).toBe(lines.length);
  });

  it('names the process that holds the store', async () => {
    const store = join(directory, 'held');
    const holder = startCli(['run', '--read', '-', '--store', store], { stdin: 'pipe' });
    const bytes = readFileSync(SHOP);
    holder.process.stdin!.write(bytes.subarray(0, 1000));
    await waitFor(() => readable(join(store, 'status')));
    const { code, stderr } = await runCli(['run', '--read', SHOP, '--store', store]);
    holder.process.stdin!.end();
    expect(code).toBe(1);
    expect(stderr).toContain('in use by another process');
    expect((await holder.outcome).code).toBe(0);
  });

  it('says where it may not write', async () => {
    const { code, stderr } = await runCli(['run', '--read', SHOP, '--store', '/proc/sqltrail']);
    expect(code).toBe(1);
    expect(stderr).toContain('--store DIR');
  });
});

/** Offset of the record with this number in a little-endian pcap. */
function cutAtPacket(bytes: Buffer, packets: number): number {
  let at = 24;
  for (let i = 0; i < packets; i++) at += 16 + bytes.readUInt32LE(at + 8);
  return at;
}

function readable(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  if (!isTrue()) throw new Error('waited 10 s in vain');
}
