import { Command, Option } from 'commander';
import { printToStdout } from '../output/stdout.ts';
import { type LetterArguments, withLetterOptions, withLetters } from './letter-options.ts';
import { LETTER_FORMATS, type LetterFormat, lettersText } from './print-letters.ts';

interface ListArguments extends LetterArguments {
  readonly format: LetterFormat;
}

/** `sqltrail deadletter list`. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('what could not be read or stored: where it is, how long, and why; never its contents')
    .addOption(new Option('--format <format>', 'how to print').choices(LETTER_FORMATS).default('table'));
  return withLetterOptions(command).action((args: ListArguments) =>
    withLetters(args, ({ letters }) =>
      printToStdout(lettersText(letters, args.format, process.stdout.columns ?? Number.POSITIVE_INFINITY)),
    ),
  );
}
