import { describe, expect, it } from 'vitest';
import { processMetrics } from '../../../cli/process/process-metrics.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { Metrics } from '../../../runtime/metrics.ts';
import type { Service } from '../../../runtime/service.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { FakeBroker } from './fake-broker.ts';
import { FakeProcess } from './fake-process.ts';
import { madeMessages } from './made-messages.ts';

describe('messages that never came', () => {
  it('are a metric of the process, which does not fall when a partition goes', async () => {
    const broker = new FakeBroker(1);
    const process = await FakeProcess.start(broker);
    for (const value of madeMessages(1)[0]!.toSpliced(2, 1))
      broker.append(TOPIC.messages, [{ partition: 0, key: null, value }]);
    await process.assign(0, new Map(), 100);
    await process.handle(100);
    const { member } = process;
    const metrics = new Metrics('process');
    const chain = stageChain(['decode', 'mask']);
    const outputs = { counters: { events: null, findings: { parts: 0 } }, lettersByReason: new Map() };
    processMetrics(
      { metrics, ready: () => {} } as unknown as Service,
      { chain, member, outputs, store: null } as never,
    );
    const missed = async () =>
      Number(/^sqltrail_decode_missed_messages_total\S* (\d+)$/m.exec(await metrics.text())?.[1]);
    const before = await missed();
    expect(before).toBeGreaterThan(0);
    process.revoke(0);
    expect(await missed()).toBe(before);
  });
});
