import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { kafkaOptions } from '../config/kafka-options.ts';
import { brokersOption, type ConfigArguments, configFrom, configOption } from '../options/config-options.ts';
import { jsonLine } from '../output/json-line.ts';
import { printToStdout } from '../output/stdout.ts';
import { stopOnSignal } from '../run/stop-on-signal.ts';
import { openBus } from './open-bus.ts';
import { readTopic } from './read-topic.ts';
import { recordJson } from './record-json.ts';

const HELP = `
One line of JSON a record: topic, partition, offset, time, key, value. Nothing of it is unmasked SQL: of raw messages and of what
lies before mask only the structure is shown (who, when, which kind, how long), of state only its size; of what cannot be read,
only the length and the reason. No consumer group is touched: reading takes nothing away from anybody.

Examples:
  sqltrail topics read mysql.audit.v1 --limit 10
  sqltrail topics read mysql.messages.v1 --partition 3 --from 120 --limit 1
  sqltrail topics read mysql.dead-letter.v1 --follow`;

/** Between two looks for new records. */
const FOLLOW_PAUSE_MS = 2_000;

interface ReadArguments extends ConfigArguments {
  readonly partition?: number;
  readonly from: number;
  readonly limit?: number;
  readonly follow: boolean;
}

/** `sqltrail topics read NAME`. */
export function readCommand(): Command {
  return new Command('read')
    .description("print a topic's records as JSON, masked")
    .argument('<name>', 'the topic, such as mysql.audit.v1')
    .option('--partition <number>', 'only this one', wholeNumber)
    .option('--from <offset>', 'the first offset in each partition, or beginning', startOffset, 0)
    .option('--limit <records>', 'at most so many in all', wholeNumber)
    .option('--follow', 'go on with what comes, until Ctrl-C', false)
    .addOption(brokersOption())
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action((name: string, args: ReadArguments) => read(name, args));
}

async function read(topic: string, args: ReadArguments): Promise<void> {
  const bus = await openBus(kafkaOptions(await configFrom(args)));
  const stop = stopOnSignal();
  const untilMore = async () => {
    if (!args.follow) return false;
    await sleep(FOLLOW_PAUSE_MS, undefined, { signal: stop.signal }).catch(() => {});
    return !stop.signal.aborted;
  };
  const { partition = null, from, limit = Number.POSITIVE_INFINITY } = args;
  try {
    for await (const record of readTopic(bus, { topic, partition, fromOffset: from, limit }, untilMore)) {
      if (stop.signal.aborted) break;
      await printToStdout(jsonLine(recordJson(record)));
    }
  } finally {
    stop.release();
    await bus.close();
  }
}

function startOffset(text: string): number {
  return text === 'beginning' ? 0 : wholeNumber(text);
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
