import { Command } from 'commander';
import { brokersOption, type ConfigArguments, configFrom, configOption } from './options/config-options.ts';
import { runWatch } from './watch/run-watch.ts';

const HELP = `
For each server of watch.servers it reads, every 10 s and over one connection, who is connected (never what they run) and how many
statements the server counted. So connections older than the capture get their user, and coverage knows what is missing.

  CREATE USER 'sqltrail'@'10.0.0.%' IDENTIFIED BY '…' WITH MAX_USER_CONNECTIONS 2;
  GRANT PROCESS ON *.* TO 'sqltrail'@'10.0.0.%';
  GRANT SELECT ON performance_schema.session_connect_attrs TO 'sqltrail'@'10.0.0.%';   -- program names, if wanted
  GRANT SELECT ON performance_schema.status_by_account TO 'sqltrail'@'10.0.0.%';       -- what came over TLS and unix sockets:
  GRANT SELECT ON performance_schema.status_by_thread TO 'sqltrail'@'10.0.0.%';        -- docs/completeness.md
  GRANT SELECT ON performance_schema.threads TO 'sqltrail'@'10.0.0.%';

Health and metrics: http://127.0.0.1:9464 /livez /readyz /metrics (see http in the configuration).`;

/**
 * `sqltrail watch`: the service that asks servers who is connected, until SIGTERM.
 *
 * @throws SqltrailError from its action: `config_invalid` (exit 2), `bus_*`, `topic_missing` (exit 1).
 */
export function watchCommand(): Command {
  return new Command('watch')
    .description('ask MySQL servers who is connected and how much they ran: users for old connections, and coverage')
    .addOption(brokersOption())
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (args: ConfigArguments) => runWatch(await configFrom(args)));
}
