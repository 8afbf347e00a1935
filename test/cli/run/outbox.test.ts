import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../cli/run/outbox.ts';

describe('outbox', () => {
  it('sends batches in the order they were pushed, however many callers drain it', async () => {
    const sent: string[] = [];
    const outbox = new Outbox(async (batch) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      sent.push(batch.toString());
    });
    for (const name of ['a', 'b', 'c']) outbox.push(Buffer.from(name));
    const first = outbox.drain();
    outbox.push(Buffer.from('d'));
    const second = outbox.drain();
    outbox.push(Buffer.from('e'));
    await Promise.all([first, second]);
    expect(sent).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(outbox.length).toBe(0);
  });

  it('says so when sending fails, and can be drained again', async () => {
    let failures = 1;
    const sent: string[] = [];
    const outbox = new Outbox(async (batch) => {
      if (failures-- > 0) throw new Error('no');
      sent.push(batch.toString());
    });
    outbox.push(Buffer.from('a'));
    outbox.push(Buffer.from('b'));
    await expect(outbox.drain()).rejects.toThrow('no');
    await outbox.drain();
    expect(sent).toEqual(['b']);
  });
});
