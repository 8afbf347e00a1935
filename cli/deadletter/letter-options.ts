import type { Command } from 'commander';
import type { KafkaBus } from '../../bus/kafka-bus.ts';
import { kafkaOptions } from '../config/kafka-options.ts';
import { brokersOption, type ConfigArguments, configFrom, configOption } from '../options/config-options.ts';
import { parseTime } from '../query/parse-time.ts';
import { openBus } from '../topics/open-bus.ts';
import { type Letters, readLetters } from './read-letters.ts';

/** What commander gives for {@link withLetterOptions}. */
export interface LetterArguments extends ConfigArguments {
  readonly since?: string;
  readonly reason?: string;
  readonly stage?: string;
}

/** The options that say which letters are meant, and where Kafka is. */
export function withLetterOptions(command: Command): Command {
  return command
    .option('--since <time>', 'of records kept since then: 1h, 7d (before now) or 2026-01-31T12:00:00Z')
    .option('--reason <text>', 'with this reason or error code')
    .option('--stage <name>', 'given up by this stage')
    .addOption(brokersOption())
    .addOption(configOption());
}

/** Reads the letters that are meant, and does something with them while the bus is open. */
export async function withLetters(
  args: LetterArguments,
  use: (letters: Letters, bus: KafkaBus) => Promise<void>,
): Promise<void> {
  const { reason, stage } = args;
  const since =
    args.since === undefined ? undefined : `${parseTime('--since', args.since, Date.now())}Z`.replace(' ', 'T');
  const bus = await openBus(kafkaOptions(await configFrom(args)));
  try {
    const letters = await readLetters(bus, { since, reason, stage });
    if (letters.unreadable > 0)
      process.stderr.write(`${letters.unreadable} records of the topic are no dead letters this version reads.\n`);
    if (letters.leftOut > 0)
      process.stderr.write(`The ${letters.leftOut} oldest dead letters are left out: narrow it down with --since.\n`);
    await use(letters, bus);
  } finally {
    await bus.close();
  }
}
