import { KafkaAdmin } from '../../bus/kafka-admin.ts';
import { KafkaBus } from '../../bus/kafka-bus.ts';
import type { KafkaOptions } from '../../bus/kafka-options.ts';

/**
 * The bus for a command that somebody waits for: brokers that do not answer at its start are an error, not a wait. What goes
 * wrong later is said on standard error while the bus tries on.
 *
 * @throws SqltrailError `bus_unreachable`, `bus_denied`, after some seconds.
 */
export async function openBus(kafka: KafkaOptions): Promise<KafkaBus> {
  const admin = await KafkaAdmin.connect(kafka);
  await admin.close();
  return new KafkaBus({
    kafka,
    onTrouble: (error) => process.stderr.write(`sqltrail: ${error.message} Trying on.\n  ${error.cure}\n`),
  });
}
