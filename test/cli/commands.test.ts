import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS, commandsFor } from '../../cli/commands.ts';
import { speakAsProduct } from '../../cli/product-errors.ts';

const ROOT = join(import.meta.dirname, '../..');
const HEAVY = [
  'kafkajs',
  '@clickhouse/client',
  'chdb/connection',
  'cap',
  'lz4-napi',
  'pino',
  'prom-client',
  'node-sql-parser/build/mysql',
];

/** Packages that a module loads at once: what it imports, and what that imports; not what it imports when it needs it. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, clause = '', name = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) ([^;]*?)from '([^']+)';/gms,
  )) {
    if (clause.startsWith('type ')) continue;
    if (!name.startsWith('.')) packages.add(name);
    else for (const further of packagesOf(join(dirname(file), name), seen)) packages.add(further);
  }
  return packages;
}

/** A command and those below it, with the words that call them. */
function* family(command: Command, path = command.name()): Generator<[string, Command]> {
  yield [path, command];
  for (const child of command.commands) yield* family(child, `${path} ${child.name()}`);
}

/** What is said to a command line. */
async function said(...args: string[]): Promise<string> {
  let text = '';
  const program = new Command('sqltrail');
  for (const command of await commandsFor(args)) program.addCommand(command);
  speakAsProduct(program);
  const writeErr = (part: string) => {
    text += part;
  };
  for (const [, command] of family(program)) command.configureOutput({ writeErr });
  await expect(program.parseAsync(args, { from: 'user' })).rejects.toBeInstanceOf(CommanderError);
  return text;
}

describe('the command line', () => {
  it('loads nothing heavy to tell what there is', () => {
    const packages = packagesOf(join(ROOT, 'cli/main.ts'));
    expect([...packages].filter((name) => HEAVY.includes(name) || name === 'zod' || name === 'yaml')).toEqual([]);
  });

  it("asks the trail without Kafka, capture or the services' packages", () => {
    const packages = packagesOf(join(ROOT, 'cli/query.ts'));
    for (const name of HEAVY.filter((heavy) => heavy !== '@clickhouse/client')) expect(packages).not.toContain(name);
  });

  it('runs without loading what only a configuration, a policy or the state of a moved connection needs', () => {
    for (const file of ['cli/run.ts', 'cli/run/run-pipeline.ts'])
      expect([...packagesOf(join(ROOT, file))].filter((name) => name === 'zod' || name === 'yaml')).toEqual([]);
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'has %s under its own name, with --config on all of it',
    async (name, { load, summary }) => {
      const command = await load();
      expect(command.name()).toBe(name);
      expect(summary.length).toBeLessThan(70);
      for (const [path, each] of family(command)) {
        expect([path, each.description() !== '']).toEqual([path, true]);
        if (each.commands.length === 0)
          expect([path, each.options.some(({ long }) => long === '--config')]).toEqual([path, true]);
      }
    },
  );

  it.each(COMMANDS)('tells of no option of $name that it is false or empty by default', async ({ load }) => {
    const called = await load();
    speakAsProduct(called);
    for (const [, command] of family(called)) expect(command.helpInformation()).not.toMatch(/default: (?:false|\[\])/);
  });

  it('loads the called command only', async () => {
    const commands = await commandsFor(['config', 'check']);
    expect(commands.map((command) => command.name())).toEqual(COMMANDS.map(({ name }) => name));
    expect(commands.filter((command) => command.options.length + command.commands.length > 0)).toHaveLength(1);
  });

  it.each([
    [['rnu'], "sqltrail: Unknown command 'rnu'.", 'Did you mean run? `sqltrail --help` lists what there is.'],
    [
      ['run', '--raed', 'x'],
      "sqltrail: Unknown option '--raed'.",
      'Did you mean --read? `sqltrail run --help` lists what there is.',
    ],
    [['run', '--capture', 'x'], 'sqltrail: Option', '`sqltrail run --help` lists what there is.'],
    [
      ['config', 'chek'],
      "sqltrail: Unknown command 'chek'.",
      'Did you mean check? `sqltrail config --help` lists what there is.',
    ],
    [
      ['run', '--read'],
      "sqltrail: Option '--read <file>' argument missing.",
      '`sqltrail run --help` lists what there is.',
    ],
    [['run', '--\u001b[31m'], "sqltrail: Unknown option '--\\u{1b}[31m'.", '`sqltrail run --help`'],
  ])('says to %j one sentence and its cure', async (args, sentence, cure) => {
    const [first = '', second = '', ...rest] = (await said(...args)).split('\n');
    expect(first).toContain(sentence);
    expect(second).toContain(`  ${cure}`);
    expect(rest).toEqual(['']);
  });
});

describe('the packages', () => {
  it.each(['kafkajs', '@clickhouse/client', 'pino', 'prom-client', 'yaml', 'lz4-napi', 'mysql2'])(
    '%s is imported by one file at most',
    (name) => {
      expect(existsSync(join(ROOT, 'node_modules', name))).toBe(true);
      expect(importers(name).length).toBeLessThanOrEqual(1);
    },
  );
});

/** Files of the product that import a package. */
function importers(name: string): string[] {
  const files = ['bus', 'cli', 'edge', 'processors', 'protocol', 'runtime', 'schemas'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(ROOT, folder, file)),
  );
  return files
    .filter((file) => file.endsWith('.ts') && readFileSync(file, 'utf8').includes(`from '${name}'`))
    .map((file) => relative(ROOT, file));
}
