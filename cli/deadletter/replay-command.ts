import { Command } from 'commander';
import { SqltrailError } from '../../runtime/errors.ts';
import { printToStdout } from '../output/stdout.ts';
import { visibleText } from '../output/visible-text.ts';
import { type LetterArguments, withLetterOptions, withLetters } from './letter-options.ts';
import type { DeadLetter } from './read-letters.ts';
import { replayLetter } from './replay-letter.ts';

const HELP = `
Reads the record that a dead letter is about from where it was, and sends it to the same topic and partition again; of a record
of many lines only the line that was refused, or from that line on where the letter stands for further ones. Use it after an upgrade
that reads what the old version could not, or when ClickHouse takes what it refused. Run it with the version that the processors run. It asks nothing and says of each letter what it did.

Sending twice does no harm: event ids are made of connection and position, so a row that comes again replaces itself. The
ledger counts a record that is sent again as one more record taken in. The dead letter stays until its time is over.

What cannot be sent: a record that Kafka no longer keeps (topics.raw_retention_hours and the like); one that this version cannot
read either; a row made in one process with decode (no topic holds it).

What a raw batch brings back: the messages of connections of which nothing later has been processed. Of connections that ended so
long ago that decode has forgotten them (16,384 others have ended in their partition since) it brings back what the batch tells by
itself: user, database and prepared statements from before it are unknown, the events are midstream.
What it cannot bring back: messages of connections that went on, or ended, after it. Decode has gone past them and skips them; the
ledger keeps the record as dead_letter.

Examples:
  sqltrail deadletter replay --all --stage store --since 2h
  sqltrail deadletter replay --key mysql.audit.v1/3/1042/17 --dry-run`;

interface ReplayArguments extends LetterArguments {
  readonly all: boolean;
  readonly key: readonly string[];
  readonly dryRun: boolean;
}

/** `sqltrail deadletter replay`. */
export function replayCommand(): Command {
  const command = new Command('replay')
    .description('send what dead letters are about to its topic again')
    .option('--all', 'every letter, or every one that the filters let through', false)
    .option('--key <key>', 'the letter with this key, as `deadletter list` shows it; repeatable', collect, [])
    .option('--dry-run', 'do everything but the sending', false)
    .addHelpText('after', HELP);
  return withLetterOptions(command).action((args: ReplayArguments) => replay(args));
}

async function replay(args: ReplayArguments): Promise<void> {
  if (args.all === args.key.length > 0)
    throw new SqltrailError('usage', 'Which dead letters to replay is not clear.', 'Give --all, or --key KEY.');
  await withLetters(args, async ({ letters }, bus) => {
    const chosen = args.all ? letters : chosenBy(args.key, letters);
    let sent = 0;
    for (const letter of chosen) {
      const obstacle = await replayLetter(bus, letter, args.dryRun);
      if (obstacle === null) sent++;
      await printToStdout(`${lineFor(letter, obstacle, args.dryRun)}\n`);
    }
    process.stderr.write(`${sent} of ${chosen.length} ${args.dryRun ? 'would be sent' : 'sent'}.\n`);
  });
}

function lineFor({ key }: DeadLetter, obstacle: string | null, isDryRun: boolean): string {
  const name = visibleText(key);
  if (obstacle !== null) return `not sent   ${name}: ${visibleText(obstacle)}`;
  return `${isDryRun ? 'would send' : 'sent      '} ${name}`;
}

function chosenBy(keys: readonly string[], letters: readonly DeadLetter[]): DeadLetter[] {
  return keys.map((key) => {
    const letter = letters.find((each) => each.key === key);
    if (letter !== undefined) return letter;
    throw new SqltrailError(
      'usage',
      `There is no dead letter with the key ${visibleText(key)} among those chosen.`,
      '`sqltrail deadletter list` shows the keys.',
    );
  });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
