import { Command } from 'commander';
import { outcomeText, runDoctor } from './doctor/run-doctor.ts';
import {
  brokersOption,
  type ConfigArguments,
  clickhouseUrlOption,
  configFrom,
  configOption,
} from './options/config-options.ts';

const HELP = `
Tries: the right to capture; the brokers and their topics (kafka.brokers); ClickHouse and its tables (clickhouse.url); the login and
the right of the watcher at each MySQL server (watch.servers). It changes nothing. Exit status 1 where something is wrong.`;

/** `sqltrail doctor`: what of the set-up does not work, and what to do about it. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check what a configuration names: capture, Kafka, ClickHouse, MySQL servers; with cures')
    .addOption(brokersOption())
    .addOption(clickhouseUrlOption())
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (args: ConfigArguments) => {
      const outcomes = await runDoctor(await configFrom(args), process.env);
      for (const outcome of outcomes) process.stdout.write(outcomeText(outcome));
      if (outcomes.some(({ state }) => state === 'bad')) process.exitCode = 1;
    });
}
