import { Command } from 'commander';
import { type ConfigArguments, configFrom, configOption } from './options/config-options.ts';
import { explainStatement } from './rules/explain-command.ts';
import { listRules } from './rules/list-command.ts';
import { showRule } from './rules/show-command.ts';
import { testRules } from './rules/test-command.ts';

const HELP = `
Examples:
  sqltrail rules list                          every rule in force, with its level
  sqltrail rules show sqli.tautology           what one finds, and what looks like it
  sqltrail rules test                          all samples of all rules; exit 1 where one fails
  sqltrail rules explain "SELECT … OR 7=7"     features and rules that fire; nothing is stored

docs/rules.md says how a rule is written.`;

/**
 * `sqltrail rules test|list|show|explain`: the rules in force, those of the configured folders included.
 *
 * @throws SqltrailError from its actions: `config_invalid` (exit 2) where a rule file is bad, `usage` for an unknown id.
 */
export function rulesCommand(): Command {
  const rules = new Command('rules')
    .description('the detection rules: list, show, test, explain')
    .addHelpText('after', HELP);
  rules
    .command('list')
    .description('every rule in force')
    .addOption(configOption())
    .action(async (args: ConfigArguments) => listRules(await configFrom(args)));
  rules
    .command('show')
    .description('one rule in full')
    .argument('<id>', 'as sqli.tautology')
    .addOption(configOption())
    .action(async (id: string, args: ConfigArguments) => showRule(id, await configFrom(args)));
  rules
    .command('test')
    .description('try all samples of all rules')
    .addOption(configOption())
    .action(async (args: ConfigArguments) => testRules(await configFrom(args)));
  rules
    .command('explain')
    .description('features and rules that fire on a statement, and why; - reads it from standard input')
    .argument('<sql>', 'the statement')
    .option('--ansi-quotes', 'double quotes hold names', false)
    .option('--no-backslash-escapes', 'a backslash is a character like any other')
    .option('--charset <name>', 'character set of the client', 'utf8mb4')
    .addOption(configOption())
    .action(
      async (
        sql: string,
        args: ConfigArguments & { ansiQuotes: boolean; backslashEscapes: boolean; charset: string },
      ) => explainStatement(sql, args, await configFrom(args)),
    );
  return rules;
}
