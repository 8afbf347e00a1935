import { Command } from 'commander';
import { applyCommand } from './topics/apply-command.ts';
import { readCommand } from './topics/read-command.ts';

/** `sqltrail topics`: makes and checks the topics, and looks into them. */
export function topicsCommand(): Command {
  return new Command('topics')
    .description('the topics in Kafka: make them, check them, look into them')
    .addCommand(applyCommand())
    .addCommand(readCommand());
}
