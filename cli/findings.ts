import { Command } from 'commander';
import { ackCommand } from './findings/ack-command.ts';
import { listCommand } from './findings/list-command.ts';
import { showCommand } from './findings/show-command.ts';

/** `sqltrail findings`: what rules found, what is behind it, and what people decided of it. */
export function findingsCommand(): Command {
  return new Command('findings')
    .description('what rules found: list it, look into one, decide')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(ackCommand());
}
