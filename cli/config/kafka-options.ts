import type { KafkaOptions } from '../../bus/kafka-options.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Config } from './config-schema.ts';
import { readPem } from './read-pem.ts';

/**
 * How a command reaches Kafka.
 *
 * @throws SqltrailError `config_invalid` where no broker is named or a certificate's file cannot be read.
 */
export function kafkaOptions({ kafka }: Config): KafkaOptions {
  if (kafka.brokers.length === 0)
    throw new SqltrailError(
      'config_invalid',
      'No Kafka broker is named.',
      'Give --brokers HOST:PORT, KAFKA_BROKERS, or kafka.brokers in the file of --config.',
    );
  const { tls, sasl } = kafka;
  return {
    brokers: kafka.brokers,
    clientId: kafka.client_id,
    ...(tls.enabled && {
      tls: {
        ca: pem('kafka.tls.ca_file', tls.ca_file),
        cert: pem('kafka.tls.cert_file', tls.cert_file),
        key: pem('kafka.tls.key_file', tls.key_file),
        serverName: tls.server_name,
      },
    }),
    ...(sasl.mechanism !== undefined && {
      // That both are there has been checked when the configuration was loaded.
      sasl: { mechanism: sasl.mechanism, username: sasl.username!, password: sasl.password! },
    }),
  };
}

function pem(key: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : readPem(key, path);
}
