import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../cli/config/default-config.ts';
import { configFrom } from '../../cli/options/config-options.ts';

describe('configFrom', () => {
  beforeEach(() => {
    for (const name of Object.keys(process.env))
      if (/^(SQLTRAIL|KAFKA|CLICKHOUSE)_/.test(name)) vi.stubEnv(name, undefined);
  });
  afterEach(() => vi.unstubAllEnvs());

  it('is the defaults where nothing is set, of which each caller has its own', async () => {
    const config = await configFrom({});
    expect(config).toEqual(DEFAULT_CONFIG);
    config.kafka.brokers.push('a:1');
    expect(await configFrom({})).toEqual(DEFAULT_CONFIG);
  });

  it.each([
    ['SQLTRAIL_STORE__DIRECTORY', '/x', (config: typeof DEFAULT_CONFIG) => config.store.directory === '/x'],
    ['KAFKA_BROKERS', 'a:1', (config: typeof DEFAULT_CONFIG) => config.kafka.brokers[0] === 'a:1'],
  ] as const)('takes %s of the environment', async (name, text, isTaken) => {
    vi.stubEnv(name, text);
    expect(isTaken(await configFrom({}))).toBe(true);
  });

  it('takes flags, and refuses a mistyped variable', async () => {
    expect((await configFrom({ brokers: 'b:2' })).kafka.brokers).toEqual(['b:2']);
    expect((await configFrom({}, { 'edge.sample_share': '0.5' })).edge.sample_share).toBe(0.5);
    vi.stubEnv('SQLTRAIL_EDGE__LINGERMS', '5');
    await expect(configFrom({})).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
