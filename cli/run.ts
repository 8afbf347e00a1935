import { Command, Option } from 'commander';
import { DEFAULT_STORE_DIRECTORY } from '../processors/store/store-target.ts';
import { type ConfigArguments, configFrom, configOption } from './options/config-options.ts';
import { type RunArguments, runOptions } from './run/run-options.ts';
import { runPipeline } from './run/run-pipeline.ts';

const EXAMPLES = `
Examples:
  sqltrail run --read capture.pcap                 every statement of a capture, into ./sqltrail-data
  sudo sqltrail run -i eth0                        live, until Ctrl-C
  sudo sqltrail run -i eth1 --mirrored             on a collector: what switches and clouds mirror to it
  ssh db7 tcpdump -w - port 3306 | sqltrail run --read -
  sqltrail run --read capture.pcap --store none --format ndjson | jq .statement_masked

What it cannot see: encrypted sessions (TLS) and connections over unix sockets. They are counted, not guessed.
Then: sqltrail query`;

export function runCommand(): Command {
  return new Command('run')
    .description('read packets and write an audit row for every MySQL command in them')
    .option(
      '--read <file>',
      'capture file (pcap or pcapng), - for standard input; repeatable, read in the order given',
      collect,
      [],
    )
    .option('-i, --interface <name>', 'capture live on this interface until interrupted')
    .option('--port <number>', 'TCP port of MySQL servers; repeatable (default: 3306)', collect, [])
    .addOption(
      new Option('--capture <way>', 'way of live capture (default: the better one that is available)').choices([
        'cap',
        'tcpdump',
      ]),
    )
    .option('--mirrored', 'capture traffic mirrored to this host too: inside VXLAN, GENEVE, GRE, ERSPAN, IP in IP')
    .option(
      '--store <dir>',
      `directory of the embedded store; none: store nothing (default: ${DEFAULT_STORE_DIRECTORY})`,
    )
    .addOption(
      new Option('--format <format>', 'what goes to standard output (default: table on a terminal, else none)').choices(
        ['none', 'table', 'ndjson'],
      ),
    )
    .option('--server-id <name>', "server's name in every event (default: its address and port)")
    .option('--dangerously-keep-raw', 'add unmasked text, parameters and query attributes to events and rows', false)
    .addOption(configOption())
    .addHelpText('after', EXAMPLES)
    .action((args: RunArguments & ConfigArguments) => runPipeline(runOptions(args, configFrom(args))));
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
