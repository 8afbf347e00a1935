import { createHmac } from 'node:crypto';

/**
 * The header `X-Sqltrail-Signature`: `v1=` and the HMAC-SHA256, as hex digits, of the timestamp, a dot and the body's bytes. With
 * the timestamp in it, a receiver can turn away what somebody recorded and sends again later.
 *
 * @param timestamp Seconds since the epoch, as in `X-Sqltrail-Timestamp`.
 */
export function webhookSignature(secret: string, timestamp: string, body: Buffer): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`;
}
