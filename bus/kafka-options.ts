import type { SqltrailError } from '../runtime/errors.ts';

/** How to reach the brokers. */
export interface KafkaOptions {
  /** `host:port` of some brokers; the others are learnt from these. */
  readonly brokers: readonly string[];
  /** Name in the brokers' logs and quotas. */
  readonly clientId: string;
  readonly tls?: KafkaTls | undefined;
  readonly sasl?: KafkaSasl | undefined;
}

/** TLS to the brokers. Texts are PEM. */
export interface KafkaTls {
  /** Who may sign the brokers' certificates; without it, the authorities that Node knows. */
  readonly ca?: string | undefined;
  /** The client's own certificate and key, where the brokers ask for one. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Expected in the brokers' certificates instead of their host name. */
  readonly serverName?: string | undefined;
}

/** User and password at the brokers. */
export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** How the bus behaves. */
export interface KafkaBusOptions {
  readonly kafka: KafkaOptions;
  /** Between the commits of a member; 1,000. */
  readonly commitMs?: number | undefined;
  /** Without a heartbeat for so long a member counts as dead; 30,000. */
  readonly sessionTimeoutMs?: number | undefined;
  /** How long the members of a group may take to come together again; 60,000. */
  readonly rebalanceTimeoutMs?: number | undefined;
  /**
   * Hears of what the bus cannot do at present, once for each kind of trouble until it is over. Where the error is not
   * retriable somebody must change something; the bus tries on all the same, more slowly.
   */
  readonly onTrouble?: ((error: SqltrailError) => void) | undefined;
}
