import { describe, expect, it } from 'vitest';
import type { Producer } from '../../bus/kafka-client.ts';
import { KafkaSender, type SendUnit } from '../../bus/kafka-sender.ts';
import { KafkaTrouble } from '../../bus/kafka-trouble.ts';

interface Request {
  readonly topicMessages: readonly { messages: readonly { partition: number; value: Buffer }[] }[];
}

/** A sender whose requests end as `answer` says; each request as `partition:value` of its records. */
function senderWith(answer: (request: string[], number: number) => void) {
  const requests: string[][] = [];
  let producers = 0;
  const client = {
    producer: () => {
      producers++;
      return {
        connect: async () => {},
        disconnect: async () => {},
        sendBatch: async ({ topicMessages }: Request) => {
          const records = topicMessages.flatMap(({ messages }) =>
            messages.map(({ partition, value }) => `${partition}:${value}`),
          );
          requests.push(records);
          answer(records, requests.length);
        },
      } as unknown as Producer;
    },
  };
  const trouble = new KafkaTrouble(undefined);
  return { sender: new KafkaSender(client, ['broker:9092'], trouble), trouble, requests, producers: () => producers };
}

function unit(partition: number, text: string, bytes = 100): SendUnit {
  return {
    topic: 't',
    partition,
    records: [{ partition, key: null, value: Buffer.from(text) }],
    bytes,
    batchBytes: 250,
  };
}

const refused = Object.assign(new Error('too large'), { name: 'KafkaJSProtocolError', type: 'MESSAGE_TOO_LARGE' });
const brokenConnection = Object.assign(new Error('closed'), { name: 'KafkaJSConnectionClosedError' });

describe('Kafka sender', () => {
  it('sends together what was given together, in order, as much of a partition as its topic takes', async () => {
    const { sender, requests, producers } = senderWith(() => {});
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => sender.send(unit(0, text))).concat(sender.send(unit(1, 'e'))));
    expect(requests).toEqual([
      ['0:a', '0:b', '1:e'],
      ['0:c', '0:d'],
    ]);
    expect(producers()).toBe(1);
  });

  it('never lets a small unit overtake a larger one of its partition', async () => {
    const { sender, requests } = senderWith(() => {});
    await Promise.all([unit(0, 'a', 200), unit(0, 'b', 200), unit(0, 'c', 10)].map((each) => sender.send(each)));
    expect(requests).toEqual([['0:a'], ['0:b', '0:c']]);
  });

  it('sends each alone when one among many is refused, and refuses only that', async () => {
    const { sender, requests } = senderWith((records) => {
      if (records.includes('1:bad')) throw refused;
    });
    const results = await Promise.allSettled(
      [unit(0, 'a'), unit(1, 'bad'), unit(2, 'c')].map((each) => sender.send(each)),
    );
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(requests).toEqual([['0:a', '1:bad', '2:c'], ['0:a'], ['1:bad'], ['2:c']]);
  });

  it('refuses records that the brokers find damaged however often they come, and goes on behind them', async () => {
    const corrupt = Object.assign(new Error('crc'), { name: 'KafkaJSProtocolError', type: 'CORRUPT_MESSAGE' });
    const { sender, trouble } = senderWith((records) => {
      if (records.includes('0:bad')) throw corrupt;
    });
    const results = await Promise.allSettled([unit(0, 'bad'), unit(1, 'b')].map((each) => sender.send(each)));
    expect(results[0]).toMatchObject({ status: 'rejected', reason: { code: 'record_refused', retriable: false } });
    expect(results[1]!.status).toBe('fulfilled');
    expect(trouble.now).toBeNull();
  });

  it('repeats records that were damaged on their way once', async () => {
    const corrupt = Object.assign(new Error('crc'), { name: 'KafkaJSProtocolError', type: 'CORRUPT_MESSAGE' });
    const { sender, requests } = senderWith((_records, number) => {
      if (number === 1) throw corrupt;
    });
    await sender.send(unit(0, 'a'));
    expect(requests).toEqual([['0:a'], ['0:a']]);
  });

  it('repeats with a new producer after a broken connection, before anything that came later', async () => {
    const { sender, trouble, requests, producers } = senderWith((_records, number) => {
      if (number <= 2) throw brokenConnection;
    });
    const first = sender.send(unit(0, 'a'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(trouble.now).toMatchObject({ code: 'bus_unreachable' });
    await Promise.all([first, sender.send(unit(0, 'b'))]);
    expect(requests).toEqual([['0:a'], ['0:a', '0:b'], ['0:a', '0:b']]);
    expect(producers()).toBe(3);
    expect(trouble.now).toBeNull();
  });

  it('answers everybody who waits when it is closed', async () => {
    const { sender, trouble } = senderWith(() => {
      throw brokenConnection;
    });
    const sending = [unit(0, 'a'), unit(1, 'b')].map((each) => sender.send(each).catch((error: unknown) => error));
    trouble.close();
    await sender.close();
    for (const answer of await Promise.all(sending)) expect(answer).toMatchObject({ code: 'bus_unreachable' });
  });
});
