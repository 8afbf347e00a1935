import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureText, SinkFailure } from '../../../../processors/alert/alert-sink.ts';
import { AlertmanagerSink } from '../../../../processors/alert/sinks/alertmanager-sink.ts';
import { SlackSink } from '../../../../processors/alert/sinks/slack-sink.ts';
import { webhookSignature } from '../../../../processors/alert/sinks/webhook-signature.ts';
import { WebhookSink } from '../../../../processors/alert/sinks/webhook-sink.ts';
import { HOSTILE, madeAlert } from '../made-alert.ts';
import { closeReceivers, failureOf, HOST, httpServer, madeCertificate, NEVER } from './receivers.ts';

let tls: ReturnType<typeof madeCertificate>;
beforeAll(() => {
  tls = madeCertificate();
});
afterEach(closeReceivers);

describe('a webhook', () => {
  it('gets the alert as JSON, signed, with its id as idempotency key', async () => {
    const { requests, url } = await httpServer(204);
    const sink = new WebhookSink(
      { url: `${url}/hook?a=1`, secret: 's3cret', authorization: 'Bearer t' },
      () => 1_767_225_605_999,
    );
    const alert = madeAlert({ user: HOSTILE });
    await sink.send(alert, NEVER);
    await sink.send(alert, NEVER);
    await sink.close();
    expect(requests).toHaveLength(2);
    for (const { method, path, headers, body } of requests) {
      expect([method, path]).toEqual(['POST', '/hook?a=1']);
      expect(JSON.parse(body)).toEqual(alert);
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'idempotency-key': alert.alert_id,
        'x-sqltrail-timestamp': '1767225605',
        'x-sqltrail-signature': webhookSignature('s3cret', '1767225605', Buffer.from(body)),
        authorization: 'Bearer t',
      });
    }
  });

  it.each([
    [400, true],
    [413, true],
    [422, true],
    [301, false],
    [401, false],
    [404, false],
    [429, false],
    [500, false],
    [503, false],
  ])('that answers %i has not taken it; refused for what it is: %s', async (status, isRefused) => {
    const { url } = await httpServer(status, { location: 'http://127.0.0.1:9/', 'retry-after': '7' });
    const sink = new WebhookSink({ url });
    const failure = await failureOf(sink.send(madeAlert(), NEVER));
    expect(failure).toBeInstanceOf(SinkFailure);
    expect(failure).toMatchObject({ isRefused, retryAfterMs: 7_000 });
    expect(failureText(failure)).toBe(`The receiver answered with status ${status}.`);
    await sink.close();
  });

  it('that never answers is given up when the time is over', async () => {
    const { requests, url } = await httpServer(0);
    const sink = new WebhookSink({ url });
    const attempt = new AbortController();
    const sending = failureOf(sink.send(madeAlert(), attempt.signal));
    while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    attempt.abort();
    expect(failureText(await sending)).toBe('It did not answer in time.');
    await sink.close();
  });

  it('that is not there is a failure by its code', async () => {
    const sink = new WebhookSink({ url: `http://${HOST}:1` });
    expect(failureText(await failureOf(sink.send(madeAlert(), NEVER)))).toBe('It failed (ECONNREFUSED).');
    await sink.close();
  });

  it('behind TLS must have a certificate of the given authority', async () => {
    const { requests, url } = await httpServer(200, {}, tls);
    const trusting = new WebhookSink({ url, ca: tls.cert });
    await trusting.send(madeAlert(), NEVER);
    const doubting = new WebhookSink({ url });
    expect(failureText(await failureOf(doubting.send(madeAlert(), NEVER)))).toMatch(/SELF_SIGNED/);
    expect(requests).toHaveLength(1);
    await Promise.all([trusting.close(), doubting.close()]);
  });
});

describe('Slack', () => {
  it('gets one text', async () => {
    const { requests, url } = await httpServer(200);
    const sink = new SlackSink({ url: `${url}/services/T/B/x` });
    await sink.send(madeAlert({ user: '<!here>' }), NEVER);
    await sink.close();
    const message = JSON.parse(requests[0]!.body);
    expect(Object.keys(message)).toEqual(['text', 'unfurl_links', 'unfurl_media']);
    expect(message.text).toContain('`&lt;!here&gt;`');
  });
});

describe('Alertmanager', () => {
  it('gets its alerts below its route prefix, firing from now on', async () => {
    const { requests, url } = await httpServer(200);
    const sink = new AlertmanagerSink({ url: `${url}/am/`, resolveAfterMs: 900_000 }, () =>
      Date.parse('2026-01-01T05:00:00Z'),
    );
    await sink.send(madeAlert({ area: 'sqli' }, { area: 'recon' }), NEVER);
    await sink.close();
    expect(requests[0]!.path).toBe('/am/api/v2/alerts');
    const posted = JSON.parse(requests[0]!.body);
    expect(posted.map((each: { endsAt: string }) => each.endsAt)).toEqual(Array(2).fill('2026-01-01T05:15:00.000Z'));
  });
});
