import { SqltrailError } from '../runtime/errors.ts';
import { otherWork } from './other-work.ts';

/** What kafkajs and sockets put on their errors; read without trusting any of it. */
interface RawError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** Error types of the protocol, by what they mean for the caller. */
const DENIED = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
]);
const REFUSED_LOGIN = new Set(['SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE']);
const MISSING = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION', 'UNKNOWN_TOPIC_ID']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** What the brokers hold against the records themselves: these are refused again however often they are sent. */
const REFUSED_RECORDS = new Set([
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'POLICY_VIOLATION',
]);
/** Bytes that changed on their way look to a broker like records that were wrong from the start. */
const MAY_BE_REFUSED = 'CORRUPT_MESSAGE';
/** Codes and words of Node and OpenSSL for a certificate that one of both sides does not accept. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS|ERR_SSL|certificate|SSL routines/;

/**
 * An error of kafkajs as one of ours, with its cure; one of ours stays what it is.
 * @param about What was tried: `send to mysql.audit.v1`. Names of topics and groups only.
 */
export function kafkaError(error: unknown, about: string, brokers: readonly string[]): SqltrailError {
  if (error instanceof SqltrailError) return error;
  const chain = causesOf(error);
  const type = chain.map((each) => each.type).find((each) => typeof each === 'string') ?? '';
  const name = chain.map((each) => String(each.name)).join(' ');
  const where = brokers.join(', ');
  if (name.includes('SASLAuthentication') || REFUSED_LOGIN.has(type))
    return new SqltrailError(
      'bus_denied',
      `Kafka at ${where} refused the login: could not ${about}.`,
      'Check kafka.sasl: mechanism, user name and password must be those the brokers know.',
      { cause: error },
    );
  if (DENIED.has(type))
    return new SqltrailError(
      'bus_denied',
      `Kafka at ${where} does not allow this user to ${about} (${type}).`,
      'Give the user the rights that docs/topics.md lists, with kafka-acls.sh.',
      { cause: error },
    );
  if (type === 'SECURITY_DISABLED')
    return new SqltrailError(
      'bus_denied',
      `Could not ${about}: Kafka at ${where} has no authorizer, so everybody may do everything.`,
      'Set authorizer.class.name at the brokers, or leave out topics.principals.',
      { cause: error },
    );
  if (type === 'INCONSISTENT_GROUP_PROTOCOL') return otherWork(about, error);
  if (MISSING.has(type))
    return new SqltrailError(
      'topic_missing',
      `Could not ${about}: Kafka at ${where} has no such topic, or does not show it to this user.`,
      'Create the topics with `sqltrail topics apply`.',
      { cause: error },
    );
  if (TOO_LARGE.has(type))
    return new SqltrailError(
      'record_too_large',
      `Could not ${about}: the records are larger than the topic's max.message.bytes.`,
      'Raise max.message.bytes of the topic with `sqltrail topics apply`.',
      { cause: error },
    );
  if (REFUSED_RECORDS.has(type)) return recordsRefused(type, about, error);
  const certificate = chain.find((each) => CERTIFICATE.test(`${String(each.code)} ${String(each.message)}`));
  if (certificate !== undefined)
    return new SqltrailError(
      'bus_denied',
      `No TLS connection to Kafka at ${where}: ${tlsReason(certificate)}.`,
      'Check kafka.tls: ca_file must hold who signed the brokers’ certificates, cert_file and key_file what they ask of clients.',
      { cause: error },
    );
  if (isConnection(chain, name))
    return new SqltrailError(
      'bus_unreachable',
      `Kafka at ${where} does not answer: could not ${about} (${reasonOf(chain)}).`,
      'Check that the brokers run, that kafka.brokers names them, and that TLS is set where they want it.',
      { cause: error, retriable: true },
    );
  // Whatever else goes wrong between client and brokers, a repetition with a new connection may heal.
  return new SqltrailError('bus_failed', `Could not ${about}: ${reasonOf(chain)}.`, 'See the brokers’ logs.', {
    cause: error,
    retriable: true,
  });
}

/** Whether the brokers took the records for damaged ones; when they do so again and again, the records are at fault. */
export function isCorruptMessage(error: unknown): boolean {
  return causesOf(error).some(({ type }) => type === MAY_BE_REFUSED);
}

/** @param type The brokers' reason: a word of the protocol. */
export function recordsRefused(type: string, about: string, cause: unknown): SqltrailError {
  return new SqltrailError(
    'record_refused',
    `Could not ${about}: the brokers refuse the records for what they are (${type}).`,
    'Compare the settings of the topic with docs/topics.md: cleanup.policy, message.timestamp.* and compression.type.',
    { cause },
  );
}

/** The error and its causes, outermost first; bounded, for causes may be circular. */
function causesOf(error: unknown): RawError[] {
  const chain: RawError[] = [];
  let at: unknown = error;
  while (typeof at === 'object' && at !== null && chain.length < 8) {
    const raw: RawError = at;
    chain.push(raw);
    at = raw.cause ?? (at as { originalError?: unknown }).originalError;
  }
  return chain;
}

const UNREACHABLE =
  /Connection|BrokerNotFound|NoBrokerAvailable|RequestTimeout|LockTimeout|Disconnected|CoordinatorNotFound|MetadataNotLoaded/;

function isConnection(chain: readonly RawError[], name: string): boolean {
  return UNREACHABLE.test(name) || chain.some((each) => /^E[A-Z]+$/.test(String(each.code)));
}

function reasonOf(chain: readonly RawError[]): string {
  const innermost = chain.at(-1);
  return typeof innermost?.message === 'string' ? innermost.message.replace(/\.$/, '') : 'no reason given';
}

function tlsReason(error: RawError): string {
  const code = typeof error.code === 'string' ? error.code : '';
  if (code === 'CERT_HAS_EXPIRED') return 'the certificate of a broker has expired';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || String(error.message).includes('altnames'))
    return 'the certificate of a broker is for another host name';
  return reasonOf([error]);
}
