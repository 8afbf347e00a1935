import { Command } from 'commander';
import { listCommand } from './deadletter/list-command.ts';
import { replayCommand } from './deadletter/replay-command.ts';

/** `sqltrail deadletter`: what could not be read or stored, and another try at it. */
export function deadletterCommand(): Command {
  return new Command('deadletter')
    .description('what could not be read or stored: list it, try it again')
    .addCommand(listCommand())
    .addCommand(replayCommand());
}
