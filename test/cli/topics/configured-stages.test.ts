import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../../cli/config/default-config.ts';
import { configuredStages } from '../../../cli/topics/configured-stages.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { betweenTopic, TOPIC } from '../../../schemas/topics.ts';

const { process, alerts } = DEFAULT_CONFIG;

describe('the kinds of processes that a configuration speaks of', () => {
  it('are, without one, the default chain and the store', () => {
    expect(configuredStages(DEFAULT_CONFIG)).toEqual([['decode', 'identify', 'mask', 'detect'], ['store']]);
  });

  it('name a store only once where it is part of the chain', () => {
    const stages = [...process.stages, 'store' as const];
    expect(configuredStages({ process: { ...process, stages }, alerts })).toEqual([stages]);
  });

  it('include a detect that runs apart, so that the topic before it is made', () => {
    const apart = {
      ...process,
      stages: ['decode' as const, 'identify' as const, 'mask' as const],
      detects_apart: true,
    };
    const chains = configuredStages({ process: apart, alerts }).map((stages) => stageChain(stages, true, false));
    expect(chains.map(({ input, output }) => [input, output])).toEqual([
      [TOPIC.messages, betweenTopic('mask')],
      [betweenTopic('mask'), TOPIC.audit],
      [TOPIC.audit, null],
    ]);
  });
});
