import { Command, Option } from 'commander';
import { DEFAULT_STORE_DIRECTORY } from '../processors/store/store-target.ts';
import { addCaptureOptions, comesLive } from './capture/capture-options.ts';
import { type ConfigArguments, configFrom, configOption } from './options/config-options.ts';
import { type RunArguments, runOptions } from './run/run-options.ts';
import { type WatchArguments, watchOptions } from './run/watch-options.ts';

const EXAMPLES = `
Examples:
  sqltrail run --read capture.pcap                 every statement of a capture, into ./sqltrail-data
  sudo sqltrail run -i eth0                        live, until Ctrl-C
  sudo sqltrail run -i eth0 --mysql-user sqltrail --mysql-password-file pw    with users of connections from before
  sudo sqltrail run -i eth1 --mirrored             on a collector: what switches and clouds mirror to it
  ssh db7 tcpdump -w - port 3306 | sqltrail run --read -
  sqltrail run --read capture.pcap --store none --format ndjson | jq .statement_masked

What it cannot see: encrypted sessions (TLS) and connections over unix sockets. They are counted, not guessed.
Then: sqltrail query`;

export function runCommand(): Command {
  return addCaptureOptions(
    new Command('run').description('read packets and write an audit row for every MySQL command in them'),
  )
    .option(
      '--store <dir>',
      `directory of the embedded store; none: store nothing (default: ${DEFAULT_STORE_DIRECTORY})`,
    )
    .addOption(
      new Option('--format <format>', 'what goes to standard output (default: table on a terminal, else none)').choices(
        ['none', 'table', 'ndjson'],
      ),
    )
    .option('--dangerously-keep-raw', 'add unmasked text, parameters and query attributes to events and rows', false)
    .option('--mysql-user <name>', 'ask the servers on this host that are captured who is connected, as this user')
    .option('--mysql-password-file <file>', 'file that holds the password of --mysql-user')
    .option('--mysql-host <host[:port]>', 'ask this server instead, wherever it is')
    .addOption(configOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: RunArguments & WatchArguments & ConfigArguments) => {
      const config = await configFrom(args);
      const options = runOptions(args, config);
      const asked = await watchOptions(args, config, comesLive(options.source), options.ports);
      const { runPipeline } = await import('./run/run-pipeline.ts');
      await runPipeline(options, asked);
    });
}
