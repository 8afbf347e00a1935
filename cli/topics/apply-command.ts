import { Command } from 'commander';
import { KafkaAdmin } from '../../bus/kafka-admin.ts';
import { type StageChain, stageChain } from '../../processors/service/stage-chain.ts';
import { topicDefinitions } from '../../schemas/topic-definitions.ts';
import { topicRights } from '../../schemas/topic-rights.ts';
import type { Config } from '../config/config-schema.ts';
import { kafkaOptions } from '../config/kafka-options.ts';
import { brokersOption, type ConfigArguments, configFrom, configOption } from '../options/config-options.ts';
import { printToStdout } from '../output/stdout.ts';
import { applyTopics } from './apply-topics.ts';
import { configuredStages } from './configured-stages.ts';

const HELP = `
Prints for each topic: create, change (setting: from → to), grow (partitions: from → to), unchanged, or conflict with its cure.
One conflict, and nothing at all is changed. Topics and settings that are not sqltrail's are left alone; nothing is ever deleted.

With topics.principals in the configuration it also gives each kind of service the rights it needs: grant, granted, or open where
somebody else may read a topic with unmasked SQL. It takes no right away.

Without --stages: the topics for processes as in process.stages, for \`process --stages store\`, and, where alert sinks are configured,
for \`process --stages alert\`; where process.identifies_apart or process.detects_apart are set, for these too. Where further stages run
apart, name the stages of each kind of process, so that the topics between them are made too:
  sqltrail topics apply --stages decode --stages mask --stages store`;

interface ApplyArguments extends ConfigArguments {
  readonly dryRun: boolean;
  readonly stages: readonly string[];
}

/** `sqltrail topics apply`. */
export function applyCommand(): Command {
  return new Command('apply')
    .description('make the topics, and bring those that are there to their settings; again and again without harm')
    .option('--dry-run', 'print what would be done, and do nothing', false)
    .option('--stages <list>', 'stages of one kind of process; repeatable', collect, [])
    .addOption(brokersOption())
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action((args: ApplyArguments) => apply(args));
}

async function apply(args: ApplyArguments): Promise<void> {
  const config = await configFrom(args);
  const given = args.stages.map((text) => text.split(',').map((stage) => stage.trim()));
  const { detects_apart, identifies_apart } = config.process;
  const chains = (given.length > 0 ? given : configuredStages(config)).map((stages) =>
    stageChain(stages, detects_apart, identifies_apart),
  );
  if (!config.kafka.tls.enabled && !config.kafka.brokers.every(isLoopback))
    process.stderr.write(
      'sqltrail: Raw messages hold unmasked SQL and cross the network in the clear: kafka.tls.enabled would stop that.\n',
    );
  const admin = await KafkaAdmin.connect(kafkaOptions(config));
  try {
    const wanted = {
      topics: wantedTopics(config, chains),
      rights: topicRights(chains, config.topics.principals),
    };
    await applyTopics(admin, wanted, args.dryRun, printToStdout);
  } finally {
    await admin.close();
  }
}

function wantedTopics({ topics }: Config, chains: readonly StageChain[]) {
  return topicDefinitions({
    partitions: topics.partitions,
    replicationFactor: topics.replication_factor,
    rawRetentionHours: topics.raw_retention_hours,
    auditRetentionHours: topics.audit_retention_hours,
    ledgerRetentionHours: topics.ledger_retention_hours,
    deadLetterRetentionHours: topics.dead_letter_retention_hours,
    chains,
  });
}

function isLoopback(broker: string): boolean {
  return /^(?:127\.|localhost:|\[::1\]:)/.test(broker);
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
