import { Command, Option } from 'commander';
import { jsonLine } from '../output/json-line.ts';
import { printToStdout } from '../output/stdout.ts';
import { findFinding } from './find-finding.ts';
import { addStoreOptions, type FindingStoreArguments, storeFlags, withStore } from './finding-options.ts';
import { findingText } from './finding-text.ts';

interface ShowArguments extends FindingStoreArguments {
  readonly format: 'text' | 'json';
}

/** `sqltrail findings show ID`. @throws SqltrailError from its action, as `list`. */
export function showCommand(): Command {
  return addStoreOptions(
    new Command('show')
      .description('one finding with its rules and samples, and how to look further')
      .argument('<id>', 'its id, or at least its first four digits')
      .addOption(new Option('--format <format>', 'for people, or all of it').choices(['text', 'json']).default('text')),
  ).action((id: string, args: ShowArguments) =>
    withStore(args, { isReadOnly: true }, async (client) => {
      const finding = await findFinding(client, id);
      await printToStdout(args.format === 'json' ? jsonLine(finding) : findingText(finding, storeFlags(args)));
    }),
  );
}
