import { describe, expect, it } from 'vitest';
import { KafkaTrouble } from '../../bus/kafka-trouble.ts';
import { SqltrailError } from '../../runtime/errors.ts';

const away = new SqltrailError('bus_unreachable', 'away', 'wait', { retriable: true });
const denied = new SqltrailError('bus_denied', 'no', 'ask', {});

describe('trouble of the Kafka bus', () => {
  it('is told once until it is over', () => {
    const told: string[] = [];
    const trouble = new KafkaTrouble((error) => told.push(error.code));
    for (let i = 0; i < 3; i++) trouble.report('send', away);
    trouble.report('consume', away);
    trouble.report('send', denied);
    expect(told).toEqual(['bus_unreachable', 'bus_unreachable', 'bus_denied']);
    trouble.over('send');
    expect(trouble.now).toBe(away);
    trouble.over('consume');
    expect(trouble.now).toBeNull();
    trouble.report('send', away);
    expect(told).toHaveLength(4);
  });

  it('repeats what may heal, and throws what does not', async () => {
    const trouble = new KafkaTrouble(undefined);
    let calls = 0;
    const answer = await trouble.retry('look', async () => {
      if (++calls < 3) throw away;
      return 'there';
    });
    expect(answer).toBe('there');
    expect(trouble.now).toBeNull();
    await expect(trouble.retry('look', () => Promise.reject(denied))).rejects.toBe(denied);
    await expect(trouble.retry('look', () => Promise.reject(new RangeError('x')))).rejects.toThrow(RangeError);
  });

  it('ends all waiting when it is closed', async () => {
    const trouble = new KafkaTrouble(undefined);
    const waiting = trouble.retry('look', () => Promise.reject(away));
    trouble.close();
    await expect(waiting).rejects.toMatchObject({ code: 'bus_unreachable', retriable: false });
    await trouble.pause(3_600_000);
    expect(trouble.isClosed).toBe(true);
  });
});
