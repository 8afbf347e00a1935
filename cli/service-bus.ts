import { KafkaBus } from '../bus/kafka-bus.ts';
import type { KafkaOptions } from '../bus/kafka-options.ts';
import type { Service } from '../runtime/service.ts';

/**
 * The bus of a service that waits for Kafka as long as it takes: its trouble is in the log, and keeps the service from being ready.
 *
 * @param commitMs As the bus has it; undefined: its own.
 */
export function serviceBus({ log, ready }: Service, kafka: KafkaOptions, commitMs?: number): KafkaBus {
  const bus = new KafkaBus({
    kafka,
    ...(commitMs !== undefined && { commitMs }),
    onTrouble: (error) => log.warn(error.message, { cure: error.cure, code: error.code }),
  });
  ready(
    'kafka',
    () => bus.troubleNow === null,
    () => bus.troubleNow?.message ?? '',
  );
  return bus;
}
