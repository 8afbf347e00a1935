import { setInterval } from 'node:timers';
import { TopicBooks } from '../../processors/alert/alert-books.ts';
import { Changelog } from '../../processors/service/changelog.ts';
import type { StageChain } from '../../processors/service/stage-chain.ts';
import { aborted } from '../../runtime/aborted.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { startService } from '../../runtime/service.ts';
import { stateTopic } from '../../schemas/topics.ts';
import type { Config } from '../config/config-schema.ts';
import { kafkaOptions } from '../config/kafka-options.ts';
import { serviceOptions } from '../config/service-options.ts';
import { serviceBus } from '../service-bus.ts';
import { alertMetrics } from './alert-metrics.ts';
import { type Alerting, openAlerting } from './open-alerting.ts';
import { ruleDescriptions } from './rule-descriptions.ts';

const TICK_MS = 50;

/** `sqltrail process --stages alert`: resolves when a signal has ended it; what is not delivered is in the state. */
export async function runAlert(config: Config, chain: StageChain): Promise<void> {
  if (config.alerts.sinks.length === 0)
    throw new SqltrailError(
      'config_invalid',
      'No alert sink is configured.',
      'Name one under alerts.sinks; docs/alerts.md has them all.',
    );
  const kafka = kafkaOptions(config);
  const service = await startService(serviceOptions('alert', config));
  const { log, stopSignal } = service;
  const bus = serviceBus(service, kafka, config.process.commit_ms);
  let failure: unknown = null;
  const fail = (error: unknown) => {
    failure ??= error;
    service.stop('A failure that will not pass.');
  };
  let alerting: Alerting | null = null;
  let timer: NodeJS.Timeout | undefined;
  const start = async () => {
    const books = await TopicBooks.open(bus);
    if ((await bus.partitions(chain.input)) > 1)
      log.warn(
        'The topic of findings has several partitions: campaigns are grouped, and processes told apart, within each of them.',
        {
          topic: chain.input,
        },
      );
    const opened = openAlerting(config, {
      books,
      stateOf: (topic, partition) => new Changelog(bus, stateTopic(chain.group), topic, partition),
      describeRule: await ruleDescriptions(config, (sentence, fields) => log.warn(sentence, fields)),
      onTrouble: (sink, trouble) => {
        if (trouble === null) log.info('The alert sink takes alerts again.', { sink });
        else
          log.warn('The alert sink does not take alerts: they wait, and are tried again.', { sink, problem: trouble });
      },
      warn: (sentence) => log.warn(sentence),
      fail,
    });
    alerting = opened;
    alertMetrics(service, opened, books);
    await bus.subscribe([chain.input], chain.group, opened.member);
    timer = setInterval(() => opened.member.tick(), TICK_MS);
    log.info('The stages are running.', { stages: chain.stages.join(','), group: chain.group });
  };
  const starting = start().catch((error: unknown) => {
    // What the end cut off is no failure.
    if (!stopSignal.aborted) fail(error);
  });
  await aborted(stopSignal);
  // Leaves the group after a last commit, and ends the waiting for brokers that have never answered.
  await bus.close();
  await starting;
  clearInterval(timer);
  await (alerting as Alerting | null)?.close();
  await service.end();
  if (failure !== null) throw failure;
}
