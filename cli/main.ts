#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { SqltrailError } from '../runtime/errors.ts';
import { packageRoot } from '../runtime/package-root.ts';
import { commandsFor } from './commands.ts';
import { expectNode } from './node-version.ts';
import { expectReaderToGo } from './output/stdout.ts';
import { visibleText } from './output/visible-text.ts';
import { speakAsProduct } from './product-errors.ts';

/**
 * A command that is over ends, also where a connection does not close by itself: a Kafka client that is told to leave while it
 * looks for a broker may keep the one it finds, and a supervisor would wait for the process for ever.
 */
const LINGER_MS = 5000;
const EXIT_STATUS = `
Exit status: 0 done, 1 failed, 2 bad usage or configuration.`;

const { version, description, engines } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));

const program = new Command('sqltrail')
  .description(description)
  .version(version, '-V, --version')
  .addHelpText('after', EXIT_STATUS);

expectReaderToGo();
try {
  expectNode(engines.node, process.versions.node);
  for (const command of await commandsFor(process.argv.slice(2))) program.addCommand(command);
  speakAsProduct(program);
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
setTimeout(() => process.exit(), LINGER_MS).unref();

/** Tells a person what went wrong and what to do about it; returns the exit status. A bug is thrown on, with its stack. */
function report(error: unknown): number {
  // Help and version end this way too, with status 0; a wrong option has been explained by then.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof SqltrailError)) throw error;
  // A message may name a file or an interface, and what others wrote there.
  const lines = `sqltrail: ${error.message}\n  ${error.cure}`.split('\n').map(visibleText);
  process.stderr.write(`${lines.join('\n')}\n`);
  return error.exitCode;
}
