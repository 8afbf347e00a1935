import { Command } from 'commander';
import { checkedConfig } from './config/checked-config.ts';
import { configJsonSchema } from './config/config-fields.ts';
import { type ConfigArguments, configOption } from './options/config-options.ts';
import { printToStdout } from './output/stdout.ts';
import { visibleText } from './output/visible-text.ts';

/**
 * `sqltrail config`: tries a configuration without starting anything, and tells what can be set.
 *
 * @throws SqltrailError from its actions: `config_invalid` (exit 2).
 */
export function configCommand(): Command {
  return new Command('config')
    .description('check the settings of a configuration file and the environment, or print what can be set')
    .addCommand(checkCommand())
    .addCommand(schemaCommand());
}

function checkCommand(): Command {
  return new Command('check')
    .description(
      'read the settings as every command does, and print them with where each comes from; passwords are hidden',
    )
    .argument('[file]', 'the YAML file; the same as --config')
    .addOption(configOption())
    .action(async (file: string | undefined, options: ConfigArguments) => {
      const { text, warnings } = checkedConfig(file ?? options.config, process.env);
      await printToStdout(text);
      for (const warning of warnings) process.stderr.write(`sqltrail: ${visibleText(warning)}\n`);
    });
}

function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON Schema of the file, for editors and other checks')
    .addOption(configOption().hideHelp())
    .action(() => printToStdout(`${JSON.stringify(configJsonSchema(), null, 2)}\n`));
}
