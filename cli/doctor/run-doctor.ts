import type { WatchedServer } from '../../processors/watch/watcher.ts';
import { TOPIC } from '../../schemas/topics.ts';
import { clickhouseTarget } from '../config/clickhouse-target.ts';
import type { Config } from '../config/config-schema.ts';
import { kafkaOptions } from '../config/kafka-options.ts';
import { visibleText } from '../output/visible-text.ts';
import { watchedServers } from '../watch/watched-servers.ts';
import { type CheckOutcome, check, skipped, wrong } from './check.ts';
import { checkCapture } from './check-capture.ts';
import { checkMysql } from './check-mysql.ts';

const LIMIT_MS = 15_000;
/** Of a query that a watcher would give more time: ends before the check does, so that it says what was slow. */
const QUERY_LIMIT_MS = LIMIT_MS - 1_000;

/** Tries what the configuration names, all at once. @returns What came of it, in a fixed order. */
export async function runDoctor(config: Config, environment: NodeJS.ProcessEnv): Promise<CheckOutcome[]> {
  const checks: Promise<CheckOutcome>[] = [
    check('capture', LIMIT_MS, async () => checkCapture(environment)),
    config.kafka.brokers.length === 0
      ? Promise.resolve(skipped('kafka', 'No broker is named (kafka.brokers).'))
      : check('kafka', LIMIT_MS, () => checkKafka(config)),
    config.clickhouse.url === undefined
      ? Promise.resolve(skipped('clickhouse', 'No server is named (clickhouse.url).'))
      : check('clickhouse', LIMIT_MS, () => checkClickhouse(config)),
  ];
  if (config.watch.servers.length === 0)
    checks.push(Promise.resolve(skipped('mysql', 'No server is to be watched (watch.servers).')));
  else checks.push(...(await mysqlChecks(config)));
  return Promise.all(checks);
}

/** One for each server, or one that says why none can be tried. */
async function mysqlChecks(config: Config): Promise<Promise<CheckOutcome>[]> {
  let servers: readonly WatchedServer[] = [];
  const read = await check('mysql', LIMIT_MS, async () => {
    servers = watchedServers(config, () => {});
    return '';
  });
  if (read.state === 'bad') return [Promise.resolve(read)];
  const timeoutMs = Math.min(config.watch.query_timeout_s * 1000, QUERY_LIMIT_MS);
  return servers.map((server) =>
    check(`mysql ${server.names.serverId}`, LIMIT_MS, () => checkMysql(server, timeoutMs)),
  );
}

/** A line for each check, and its cure below. */
export function outcomeText({ what, state, sentence, cure }: CheckOutcome): string {
  const mark = { ok: 'ok     ', bad: 'BAD    ', skipped: 'skipped' }[state];
  const line = `${mark} ${visibleText(what)}: ${visibleText(sentence)}\n`;
  return cure === undefined ? line : `${line}        ${visibleText(cure)}\n`;
}

async function checkKafka(config: Config): Promise<string> {
  const { KafkaBus } = await import('../../bus/kafka-bus.ts');
  const kafka = kafkaOptions(config);
  let refuse: (error: unknown) => void = () => {};
  // It would try again for ever.
  const trouble = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  trouble.catch(() => {});
  const bus = new KafkaBus({ kafka, onTrouble: (error) => refuse(error) });
  try {
    const missing: string[] = [];
    const topics = Object.values(TOPIC);
    const asked = Promise.all(
      topics.map((topic) =>
        bus.partitions(topic).catch((error: unknown) => {
          if ((error as { code?: unknown }).code !== 'topic_missing') throw error;
          missing.push(topic);
        }),
      ),
    );
    await Promise.race([asked, trouble]);
    if (missing.length > 0) throw wrong(`Topics are missing: ${missing.join(', ')}.`, 'Run sqltrail topics apply.');
    return `The brokers answer, and the ${topics.length} topics that every set-up has are there.`;
  } finally {
    await bus.close();
  }
}

async function checkClickhouse(config: Config): Promise<string> {
  const { ClickhouseClient } = await import('../../processors/store/clickhouse-client.ts');
  const { checkSchema } = await import('../../processors/store/schema-check.ts');
  const client = await ClickhouseClient.open(clickhouseTarget(config), 'read');
  try {
    await checkSchema(client);
    return 'It answers, and has the tables of this version.';
  } finally {
    await client.close();
  }
}
