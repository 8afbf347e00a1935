import { Command } from 'commander';
import {
  brokersOption,
  type ConfigArguments,
  clickhouseUrlOption,
  configFrom,
  configOption,
} from './options/config-options.ts';
import { runProcess } from './process/run-process.ts';

interface ProcessArguments extends ConfigArguments {
  readonly stages?: string;
}

const HELP = `
Stages, in the order in which events pass them; a process runs any of them that follow each other:
  decode     raw MySQL messages to audit events; knows every connection's state
  identify   users of old connections, out of what sqltrail watch reads on the servers
  mask       no literal leaves it
  detect     rules: which events are worth a look, and how bad they are (sqltrail rules list)
  store      masked events and the ledger into ClickHouse
Beside them, in a process of its own:
  alert      findings to those whom alerts.sinks names (docs/alerts.md)

Examples:
  sqltrail process --brokers kafka1:9092,kafka2:9092                 decode to detect, the default
  sqltrail process --stages store --clickhouse-url http://ch:8123    events into ClickHouse
  sqltrail process --stages alert --config sqltrail.yml              findings to webhook, Slack, syslog, mail …
  sqltrail process --stages decode,identify,mask,detect,store        all of it in one process
  Start more of the same to share the work: the partitions of the topics are divided among them.

Health and metrics: http://127.0.0.1:9464 /livez /readyz /metrics (see http in the configuration).`;

/**
 * `sqltrail process`: a service that runs stages between topics, or between a topic and ClickHouse, until SIGTERM.
 *
 * @throws SqltrailError from its action: `usage`, `config_invalid` (exit 2), `bus_*`, `topic_missing`, `store_*` (exit 1).
 */
export function processCommand(): Command {
  return new Command('process')
    .description('run stages of the processing: read a topic, write the next one, or ClickHouse')
    .option('--stages <list>', 'stages that follow each other (default: decode,identify,mask,detect)')
    .addOption(brokersOption())
    .addOption(clickhouseUrlOption())
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (args: ProcessArguments) => runProcess(await configFrom(args, { 'process.stages': args.stages })));
}
