import { describe, expect, it } from 'vitest';
import { kafkaError } from '../../bus/kafka-errors.ts';
import { SqltrailError } from '../../runtime/errors.ts';

const BROKERS = ['kafka-1:9092'];
const make = (name: string, more: object = {}, message = 'it says why') =>
  Object.assign(new Error(message), { name, ...more });

describe('errors of the Kafka client', () => {
  it.each([
    ['a refused login', make('KafkaJSSASLAuthenticationError'), 'bus_denied', false],
    [
      'a login of a mechanism nobody knows',
      make('KafkaJSProtocolError', { type: 'UNSUPPORTED_SASL_MECHANISM' }),
      'bus_denied',
      false,
    ],
    ['a forbidden topic', make('KafkaJSProtocolError', { type: 'TOPIC_AUTHORIZATION_FAILED' }), 'bus_denied', false],
    ['a forbidden group', make('KafkaJSProtocolError', { type: 'GROUP_AUTHORIZATION_FAILED' }), 'bus_denied', false],
    ['an expired certificate', make('KafkaJSConnectionError', { code: 'CERT_HAS_EXPIRED' }), 'bus_denied', false],
    [
      'a certificate of nobody one knows',
      make('KafkaJSConnectionError', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      'bus_denied',
      false,
    ],
    ['a missing topic', make('KafkaJSProtocolError', { type: 'UNKNOWN_TOPIC_OR_PARTITION' }), 'topic_missing', false],
    ['too large a batch', make('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' }), 'record_too_large', false],
    ['a list of records too large', make('E', { type: 'RECORD_LIST_TOO_LARGE' }), 'record_too_large', false],
    ['a record that is none for its topic', make('E', { type: 'INVALID_RECORD' }), 'record_refused', false],
    ['a time that the topic does not take', make('E', { type: 'INVALID_TIMESTAMP' }), 'record_refused', false],
    ['a policy of the brokers', make('E', { type: 'POLICY_VIOLATION' }), 'record_refused', false],
    ['records damaged on their way', make('E', { type: 'CORRUPT_MESSAGE' }), 'bus_failed', true],
    ['a refused connection', make('KafkaJSConnectionError', { code: 'ECONNREFUSED' }), 'bus_unreachable', true],
    ['a request without answer', make('KafkaJSRequestTimeoutError'), 'bus_unreachable', true],
    ['a cluster without brokers', make('KafkaJSNoBrokerAvailableError'), 'bus_unreachable', true],
    [
      'a producer the brokers forgot',
      make('KafkaJSProtocolError', { type: 'UNKNOWN_PRODUCER_ID' }),
      'bus_failed',
      true,
    ],
    ['anything else', new TypeError('x is null'), 'bus_failed', true],
    ['what is no error', 'why', 'bus_failed', true],
  ])('%s', (_name, error, code, retriable) => {
    const known = kafkaError(error, 'send to t', BROKERS);
    expect(known).toMatchObject({ code, retriable });
    expect(known.message).toContain('send to t'.slice(code === 'bus_denied' ? 9 : 0));
    expect(known.cure).not.toBe('');
  });

  it('looks for the reason below what gave up', () => {
    const cause = make('KafkaJSProtocolError', { type: 'TOPIC_AUTHORIZATION_FAILED' });
    const error = make('KafkaJSNumberOfRetriesExceeded', { cause: make('KafkaJSNonRetriableError', { cause }) });
    expect(kafkaError(error, 'send', BROKERS).code).toBe('bus_denied');
  });

  it('comes to an end with causes in a circle, and leaves our own errors alone', () => {
    const error = make('KafkaJSError');
    Object.assign(error, { cause: error });
    expect(kafkaError(error, 'send', BROKERS).code).toBe('bus_failed');
    const own = new SqltrailError('usage', 'm', 'c');
    expect(kafkaError(own, 'send', BROKERS)).toBe(own);
  });
});
