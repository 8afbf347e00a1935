import { Command } from 'commander';
import { testCommand } from './alerts/test-command.ts';

/** `sqltrail alerts`: what people do about alert sinks; the alerts themselves are `process --stages alert`, and `run`. */
export function alertsCommand(): Command {
  return new Command('alerts').description('alert sinks: whether they take alerts').addCommand(testCommand());
}
