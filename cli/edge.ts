import { Command } from 'commander';
import { addCaptureOptions } from './capture/capture-options.ts';
import { type EdgeArguments, edgeOptions } from './edge/edge-options.ts';
import { readIntoKafka } from './edge/read-into-kafka.ts';
import { serveEdge } from './edge/serve-edge.ts';
import { brokersOption, configFrom, configOption } from './options/config-options.ts';

const EXAMPLES = `
Examples:
  sudo sqltrail edge -i eth0 --brokers kafka1:9092,kafka2:9092 --spool /var/spool/sqltrail
  sqltrail edge --read capture.pcap --brokers kafka1:9092      ends when Kafka has all of it
  sqltrail edge --config /etc/sqltrail.yml

What it sends is unmasked SQL (topic mysql.messages.v1), and so is the spool. Passwords are blanked before.
The topics are made by: sqltrail topics apply`;

export function edgeCommand(): Command {
  return addCaptureOptions(new Command('edge').description('capture beside a MySQL server and ship to Kafka'))
    .option('--edge-id <name>', 'name of this edge in the ledger (default: the name of the host)')
    .option(
      '--spool <dir>',
      'directory for what Kafka does not take (default: none, what does not fit into memory is lost)',
    )
    .option('--sample <share>', 'share of the connections to record, 0 to 1 (default: all)')
    .addOption(brokersOption())
    .addOption(configOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: EdgeArguments) => {
      const config = await configFrom(args, {
        'edge.id': args.edgeId,
        'edge.spool.directory': args.spool,
        'edge.sample_share': args.sample,
      });
      const options = edgeOptions(args, config);
      return 'files' in options.source ? readIntoKafka(options) : serveEdge(options, config);
    });
}
